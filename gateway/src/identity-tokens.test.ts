import { describe, expect, it } from '@jest/globals';
import { createIdentityVerifier } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import { createIdentityTokens } from './identity-tokens.ts';
import { createSigningKey } from './testing/keys.ts';

const viewer: Viewer = { principalId: 'olga', role: 'OPERATOR_LEAD', customerIds: 'ALL' };

describe('an identity token', () => {
  it('is valid for the subgraph that it was minted for and for no other', async () => {
    const key = await createSigningKey();
    const token = await (await createIdentityTokens(key.privateJwk))(viewer, 'cases');
    expect(await createIdentityVerifier(key.publicKeys, 'cases')(token)).toEqual(viewer);
    await expect(createIdentityVerifier(key.publicKeys, 'tenancy')(token)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });

  it('is reused for ten seconds, for the same viewer and subgraph', async () => {
    const clock = { now: 0 };
    const { privateJwk } = await createSigningKey();
    const tokens = await createIdentityTokens(privateJwk, () => clock.now);
    // EdDSA is deterministic and the token's own times are whole seconds: compare promises, not text.
    const first = tokens(viewer, 'cases');
    clock.now = 9_999;
    expect(tokens(viewer, 'cases')).toBe(first);
    expect(tokens(viewer, 'hunting')).not.toBe(first);
    expect(tokens({ ...viewer }, 'cases')).not.toBe(first);
    clock.now = 10_000;
    expect(tokens(viewer, 'cases')).not.toBe(first);
  });
});
