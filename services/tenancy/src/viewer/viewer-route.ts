import { AppError, createIdentityVerifier, identityHeader, withSpan } from '@vedette/service-kit';
import type { Database, HttpServer, IdentityKeys } from '@vedette/service-kit';
import { z } from 'zod';
import { resolveViewer } from './resolve-viewer.ts';

const claimsSchema = z.object({
  principalId: z.string().min(1).max(200),
  role: z.enum([
    'OPERATOR_ADMIN',
    'OPERATOR_LEAD',
    'OPERATOR_ANALYST',
    'PROVIDER_ADMIN',
    'PROVIDER_TECHNICIAN',
    'PROVIDER_VIEWER',
    'CUSTOMER_APPROVER',
    'CUSTOMER_VIEWER',
    'INTEGRATION',
  ]),
  providerId: z.uuid().optional(),
  customerIds: z.array(z.uuid()).max(10_000).optional(),
});

const statusByCode: Readonly<Record<string, number>> = { UNAUTHENTICATED: 401, FORBIDDEN: 403 };

/** Puts `POST /internal/viewer` on the server: the gateway's question who a principal is today. */
export function addViewerRoute(
  server: HttpServer,
  options: { readonly database: Database; readonly identityKeys: IdentityKeys },
): void {
  const verify = createIdentityVerifier(options.identityKeys, 'tenancy');
  server.post('/internal/viewer', async (request, reply) => {
    try {
      const header = request.headers[identityHeader];
      const asker = await verify(typeof header === 'string' ? header : undefined);
      const claims = claimsSchema.safeParse(request.body);
      if (!claims.success) return await reply.code(400).send({ code: 'BAD_USER_INPUT' });
      return await withSpan('resolve viewer', { kind: 'SERVER' }, () =>
        resolveViewer(asker, options.database, claims.data),
      );
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return await reply.code(statusByCode[error.code] ?? 503).send({ code: error.code });
    }
  });
}
