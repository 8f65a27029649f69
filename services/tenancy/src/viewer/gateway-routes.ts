import {
  AppError,
  createIdentityVerifier,
  identityHeader,
  toError,
  withSpan,
} from '@vedette/service-kit';
import type { HttpServer, IdentityKeys, Logger, Viewer } from '@vedette/service-kit';
import { z } from 'zod';
import { listBelievedIssuers, resolveViewer } from './resolve-viewer.ts';
import type { ResolverContext } from './resolve-viewer.ts';

const claimsSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('PERSON'),
    issuerId: z.uuid(),
    subject: z.string(),
    hasMfa: z.boolean(),
  }),
  z.object({
    kind: z.literal('API_KEY'),
    publicId: z.string().regex(/^[0-9A-Za-z]{1,64}$/),
    sha256: z.base64(),
  }),
]);

const statusByCode: Readonly<Record<string, number>> = { UNAUTHENTICATED: 401, FORBIDDEN: 403 };

export interface GatewayRoutesOptions extends ResolverContext {
  readonly identityKeys: IdentityKeys;
}

/**
 * Puts on the server what the gateway asks: `POST /internal/viewer`, who somebody is today, and
 * `GET /internal/issuers`, whose tokens are believed. Who asks is checked before the question is read.
 */
export function addGatewayRoutes(server: HttpServer, options: GatewayRoutesOptions): void {
  const verify = createIdentityVerifier(options.identityKeys, 'tenancy');
  const askers = new WeakMap<object, Viewer>();
  const addRoute = (
    route: { readonly method: 'GET' | 'POST'; readonly url: string; readonly span: string },
    answer: (asker: Viewer, body: unknown) => Promise<object>,
  ): void => {
    server.route({
      method: route.method,
      url: route.url,
      onRequest: async (request, reply) => {
        try {
          const header = request.headers[identityHeader];
          askers.set(request, await verify(typeof header === 'string' ? header : undefined));
        } catch (error) {
          await refuse(reply, error, options.logger);
        }
      },
      handler: async (request, reply) => {
        const asker = askers.get(request);
        if (!asker) return reply.code(401).send({ code: 'UNAUTHENTICATED' });
        try {
          return await withSpan(route.span, { kind: 'SERVER' }, () => answer(asker, request.body));
        } catch (error) {
          return refuse(reply, error, options.logger);
        }
      },
    });
  };
  addRoute(
    { method: 'POST', url: '/internal/viewer', span: 'resolve viewer' },
    async (asker, body) => resolveViewer(asker, options, claimsSchema.parse(body)),
  );
  addRoute(
    { method: 'GET', url: '/internal/issuers', span: 'list believed issuers' },
    async (asker) => ({ issuers: (await listBelievedIssuers(asker, options)).map(toAnswer) }),
  );
}

function toAnswer(row: Awaited<ReturnType<typeof listBelievedIssuers>>[number]): object {
  const { issuerId, issuer, jwksUrl, audience, algorithms, mfaAcrValues } = row;
  return { issuerId, issuer, jwksUrl, audience, algorithms, mfaAcrValues };
}

/** What is not one of our errors is a defect: masked outside, whole in the log. */
function refuse(
  reply: { code(status: number): { send(body: object): unknown } },
  error: unknown,
  logger: Logger,
): unknown {
  if (error instanceof z.ZodError) return reply.code(400).send({ code: 'BAD_USER_INPUT' });
  if (!(error instanceof AppError)) {
    logger.error({ err: toError(error) }, 'unexpected error');
    return reply.code(500).send({ code: 'INTERNAL_SERVER_ERROR' });
  }
  return reply.code(statusByCode[error.code] ?? 503).send({ code: error.code });
}
