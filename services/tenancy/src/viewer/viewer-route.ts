import {
  AppError,
  createIdentityVerifier,
  identityHeader,
  toError,
  withSpan,
} from '@vedette/service-kit';
import type { Database, HttpServer, IdentityKeys, Logger, Viewer } from '@vedette/service-kit';
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
  // As many as an identity token can name, see the HTTP server's limit on headers.
  customerIds: z.array(z.uuid()).max(5_000).optional(),
});

const statusByCode: Readonly<Record<string, number>> = { UNAUTHENTICATED: 401, FORBIDDEN: 403 };

/**
 * Puts `POST /internal/viewer` on the server: the gateway's question who a principal is today. Who
 * asks is checked before the question is read.
 */
export function addViewerRoute(
  server: HttpServer,
  options: {
    readonly database: Database;
    readonly identityKeys: IdentityKeys;
    readonly logger: Logger;
  },
): void {
  const verify = createIdentityVerifier(options.identityKeys, 'tenancy');
  const askers = new WeakMap<object, Viewer>();
  server.route({
    method: 'POST',
    url: '/internal/viewer',
    onRequest: async (request, reply) => {
      try {
        const header = request.headers[identityHeader];
        askers.set(request, await verify(typeof header === 'string' ? header : undefined));
      } catch (error) {
        await refuse(reply, error, options.logger);
      }
    },
    handler: async (request, reply) => {
      const claims = claimsSchema.safeParse(request.body);
      const asker = askers.get(request);
      if (!claims.success || !asker) return reply.code(400).send({ code: 'BAD_USER_INPUT' });
      try {
        return await withSpan('resolve viewer', { kind: 'SERVER' }, () =>
          resolveViewer(asker, options.database, claims.data),
        );
      } catch (error) {
        return refuse(reply, error, options.logger);
      }
    },
  });
}

/** What is not one of our errors is a defect: masked outside, whole in the log. */
function refuse(
  reply: { code(status: number): { send(body: object): unknown } },
  error: unknown,
  logger: Logger,
): unknown {
  if (!(error instanceof AppError)) {
    logger.error({ err: toError(error) }, 'unexpected error');
    return reply.code(500).send({ code: 'INTERNAL_SERVER_ERROR' });
  }
  return reply.code(statusByCode[error.code] ?? 503).send({ code: error.code });
}
