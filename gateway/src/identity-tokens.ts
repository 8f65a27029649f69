import { createIdentitySigner } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import type { JWK } from 'jose';

/** Gives the identity token that tells one subgraph who asks. */
export type IdentityTokens = (viewer: Viewer, subgraph: string) => Promise<string>;

/** A third of a token's life: what is left is enough for the slowest request. */
const reuseMs = 10_000;

/**
 * Mints identity tokens and reuses each for ten seconds for the same viewer object and subgraph.
 * What is kept goes with the viewer, so the cache is as bounded as the viewers are.
 */
export async function createIdentityTokens(
  privateKey: JWK,
  now: () => number = Date.now,
): Promise<IdentityTokens> {
  const sign = await createIdentitySigner(privateKey);
  const kept = new WeakMap<Viewer, Map<string, { mintedAt: number; token: Promise<string> }>>();
  return (viewer, subgraph) => {
    const tokens =
      kept.get(viewer) ?? new Map<string, { mintedAt: number; token: Promise<string> }>();
    kept.set(viewer, tokens);
    const known = tokens.get(subgraph);
    if (known && now() - known.mintedAt < reuseMs) return known.token;
    const token = sign(viewer, subgraph);
    tokens.set(subgraph, { mintedAt: now(), token });
    return token;
  };
}
