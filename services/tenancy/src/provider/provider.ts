import { IllegalStateError } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';

/** An MSP that uses the service for itself and for its customers. */
export interface Provider extends Freezable {
  readonly providerId: string;
  readonly name: string;
  readonly ownEstateId: string;
  readonly onboardedAt: Date;
}

/** What a freeze changes. All but the version are null while there is none. */
export interface Freezable {
  readonly frozenAt: Date | null;
  readonly frozenBy: string | null;
  readonly freezeReason: string | null;
  /** Who has asked to lift the freeze. */
  readonly liftRequestedBy: string | null;
  readonly version: number;
}

/** A freeze that somebody may be shown. */
export interface ProviderFreeze {
  readonly frozenAt: Date;
  readonly frozenBy: string;
  readonly reason: string;
  readonly liftRequestedBy: string | null;
}

/**
 * Freezes a provider. Who freezes one that is frozen while somebody wants to lift it says no to that:
 * the request is forgotten, and two people have to agree anew.
 * @returns the provider itself when it is frozen already and nobody wants to lift it
 */
export function freeze<Frozen extends Freezable>(
  provider: Frozen,
  { by, at, reason }: { readonly by: string; readonly at: Date; readonly reason: string },
): Frozen {
  if (provider.frozenAt !== null && provider.liftRequestedBy === null) return provider;
  return {
    ...provider,
    frozenAt: provider.frozenAt ?? at,
    frozenBy: by,
    freezeReason: reason,
    liftRequestedBy: null,
    version: provider.version + 1,
  };
}

/**
 * Lifts a freeze: the first person asks for it, another one does it. The first one asking again changes
 * nothing. The version rises when the freeze ends.
 * @throws {IllegalStateError} the provider is not frozen
 */
export function liftFreeze<Frozen extends Freezable>(provider: Frozen, by: string): Frozen {
  if (provider.frozenAt === null) {
    throw new IllegalStateError('The provider is not frozen.', {
      state: 'NOT_FROZEN',
      attempted: 'LIFT',
    });
  }
  if (provider.liftRequestedBy === null) return { ...provider, liftRequestedBy: by };
  if (provider.liftRequestedBy === by) return provider;
  return {
    ...provider,
    frozenAt: null,
    frozenBy: null,
    freezeReason: null,
    liftRequestedBy: null,
    version: provider.version + 1,
  };
}

/** The freeze as the viewer is shown it: its customers' people are not told why their provider is. */
export function showFreeze(provider: Freezable, viewer: Viewer): ProviderFreeze | null {
  const { frozenAt, frozenBy, freezeReason, liftRequestedBy } = provider;
  if (frozenAt === null || frozenBy === null || freezeReason === null) return null;
  const isOfProvider = viewer.role.startsWith('PROVIDER_');
  if (!isOfProvider && !viewer.role.startsWith('OPERATOR_')) return null;
  return { frozenAt, frozenBy, reason: freezeReason, liftRequestedBy };
}
