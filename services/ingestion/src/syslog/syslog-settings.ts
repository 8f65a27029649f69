import { z } from 'zod';
import { normaliseAddress, normaliseFingerprint } from './sender-identity.ts';

const address = z
  .string()
  .transform((text, context) => normaliseAddress(text) ?? refuse(context, 'an IP address'));

const certificateSha256 = z
  .string()
  .transform(
    (text, context) => normaliseFingerprint(text) ?? refuse(context, 'a SHA-256 fingerprint'),
  );

/** What sends to a connector: an exact source address, or the client certificate of a TLS connection. */
const syslogSender = z.union([z.strictObject({ address }), z.strictObject({ certificateSha256 })]);

export type SyslogSender = z.output<typeof syslogSender>;

/** What every connector that takes syslog may have set: spread it into the shape of its settings. */
export const syslogSettings = {
  /** None: lines are taken only with a sensor key in their structured data. */
  syslogSenders: z.array(syslogSender).max(100).optional(),
};

/** The senders in a connector's settings, which its definition has checked. */
export function readSyslogSenders(
  settings: Readonly<Record<string, unknown>>,
): readonly SyslogSender[] {
  return z.object(syslogSettings).parse(settings).syslogSenders ?? [];
}

function refuse(context: z.RefinementCtx, what: string): never {
  context.addIssue({ code: 'custom', message: `must be ${what}` });
  return z.NEVER;
}
