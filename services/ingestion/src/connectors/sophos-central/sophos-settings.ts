import { z } from 'zod';

/** A stand-in for Sophos Central on this machine. Reached only where the process allows loopback for polling. */
const simulatorUrl = z
  .url({ protocol: /^http$/, hostname: /^(127(\.\d{1,3}){3}|localhost)$/ })
  .describe('address of a simulator on this machine');

/**
 * What people may set for a connection to Sophos Central. The two addresses can name this machine only: a
 * foreign one would be sent the client secret.
 */
export const sophosSettings = z.strictObject({
  /**
   * Which tenant of Sophos Central is this customer. Needed with the credentials of a partner or an
   * organization, which reach many; with a tenant's own credentials it has to be that tenant.
   */
  tenantId: z.uuid().optional(),
  loginUrl: simulatorUrl.optional(),
  apiUrl: simulatorUrl.optional(),
});

/** What is made in Sophos Central under "API Credentials Management". */
export const sophosCredentials = z.strictObject({
  clientId: z.string().min(1).max(200),
  clientSecret: z.string().min(1).max(500),
});

export type SophosSettings = z.output<typeof sophosSettings>;
export type SophosCredentials = z.output<typeof sophosCredentials>;
