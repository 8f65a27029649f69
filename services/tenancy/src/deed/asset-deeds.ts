import type { EventMeta } from '@vedette/proto-schemas/common/v1/event_meta';
import type { IngestionEvent } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import type { Change, Deed } from './deed-book.ts';

/**
 * The deeds that an event of ingestion tells of what people say about assets and identities. None for an event of
 * another kind, and none for what rules conclude by themselves: they look at telemetry and answer to nobody.
 */
export function toAssetDeeds(
  {
    providerId,
    customerId,
    aggregateId,
    actorRole,
  }: Pick<EventMeta, 'providerId' | 'customerId' | 'aggregateId' | 'actorRole'>,
  event: IngestionEvent['event'],
): readonly Deed[] {
  if (actorRole === '' || actorRole === 'SERVICE') return [];
  const deed = (targetType: string, kind: string, change: Partial<Change>): Deed => ({
    ...{ kind, providerId, customerId, targetType, targetId: aggregateId },
    ...{ before: null, after: null, ...change },
  });
  switch (event.case) {
    case 'assetCriticalityChanged': {
      const { criticality, source, reason, setBy } = event.value;
      const after = { criticality, source, reason, setBy };
      return [deed('Asset', 'asset.set_criticality', { after })];
    }
    case 'assetUnmerged': {
      const { fromAssetId: mergedInto } = event.value;
      return [deed('Asset', 'asset.unmerge', { before: { mergedInto } })];
    }
    case 'identityRiskChanged': {
      const { risk, source, reason, setBy } = event.value;
      return [deed('Identity', 'identity.set_risk', { after: { risk, source, reason, setBy } })];
    }
    default:
      return [];
  }
}
