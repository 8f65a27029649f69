import { describe, expect, it } from '@jest/globals';
import { identityHeader } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import type { SubgraphClient } from './subgraph-client.ts';
import { createTestIdentity } from './test-identity.ts';

const somebody: Viewer = { principalId: 'somebody', role: 'OPERATOR_ADMIN', customerIds: 'ALL' };

/** Not JSON, so that an answer other than 401 would show that the body was parsed first. */
const notJson = '{ "query":';

/**
 * Expects a subgraph to answer nobody without a valid identity token, before it parses anything and
 * whatever is asked for: the network is not the boundary.
 */
export function describeIdentity(client: () => SubgraphClient): void {
  const post = (headers: Readonly<Record<string, string>>, body: string): Promise<Response> =>
    fetch(client().url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
  const refusalOf = async (token: string | undefined, body = notJson): Promise<unknown> => {
    const response = await post(token === undefined ? {} : { [identityHeader]: token }, body);
    const answer = (await response.json()) as { errors: { extensions: { code: string } }[] };
    return [response.status, answer.errors.map(({ extensions }) => extensions.code)];
  };
  const refused = [401, ['UNAUTHENTICATED']];

  describe('a request to the subgraph', () => {
    it('is refused without an identity token', async () => {
      expect(await refusalOf(undefined)).toEqual(refused);
    });

    it('is refused without one also when it asks for the schema', async () => {
      expect(await refusalOf(undefined, '{"query":"{ _service { sdl } }"}')).toEqual(refused);
      expect(await refusalOf(undefined, '{"query":"{ __schema { types { name } } }"}')).toEqual(
        refused,
      );
    });

    it('is refused with a token for another subgraph or of another issuer', async () => {
      for (const claims of [{ aud: 'elsewhere' }, { iss: 'somebody-else' }]) {
        expect(await refusalOf(await client().signIdentity(somebody, claims))).toEqual(refused);
      }
    });

    it('is refused with a token that is over or whose time is yet to come', async () => {
      const now = Math.floor(Date.now() / 1000);
      for (const [issued, expires] of [
        [-120, -90],
        [-120, 600],
        [300, 330],
      ] as const) {
        const claims = { iat: now + issued, exp: now + expires };
        expect(await refusalOf(await client().signIdentity(somebody, claims))).toEqual(refused);
      }
    });

    it('is refused with a token that nobody signed, or a key that is not known', async () => {
      const [header = '', payload = '', signature = ''] = (
        await client().signIdentity(somebody)
      ).split('.');
      const none = Buffer.from('{"alg":"none"}').toString('base64url');
      const stranger = await createTestIdentity();
      const { aud } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as {
        aud: string;
      };
      const forgeries = [
        `${none}.${payload}.`,
        `${header}.${payload}.${signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`,
        await stranger.sign(somebody, aud),
        'not a token',
      ];
      for (const forgery of forgeries) expect(await refusalOf(forgery)).toEqual(refused);
    });

    it('is answered with a valid one', async () => {
      const { status, data } = await client().ask(somebody, '{ __typename }');
      expect([status, data]).toEqual([200, { __typename: 'Query' }]);
    });

    it('does not learn the schema by introspection', async () => {
      const { errors } = await client().ask(somebody, '{ __schema { types { name } } }');
      expect(errors.map(({ extensions }) => extensions.code)).toEqual([
        'GRAPHQL_VALIDATION_FAILED',
      ]);
    });
  });
}
