import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import {
  AssetCriticalityChangedSchema,
  AssetUnmergedSchema,
  IdentityRiskChangedSchema,
} from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import { toAssetDeeds } from './asset-deeds.ts';

const meta = {
  ...{ providerId: 'provider', customerId: 'customer', aggregateId: 'one' },
  actorRole: 'PROVIDER_ADMIN',
};
const said = { source: 'PERSON', reason: 'It runs the tills.', setBy: 'somebody' };
const changed = {
  case: 'assetCriticalityChanged',
  value: create(AssetCriticalityChangedSchema, { criticality: 'HIGH', ...said }),
} as const;

describe('what people say about assets and identities', () => {
  it('is a deed about what they said it of', () => {
    const unmerged = {
      case: 'assetUnmerged',
      value: create(AssetUnmergedSchema, { fromAssetId: 'two' }),
    } as const;
    const risky = {
      case: 'identityRiskChanged',
      value: create(IdentityRiskChangedSchema, { risk: 'LOW', ...said }),
    } as const;
    expect([changed, unmerged, risky].flatMap((event) => toAssetDeeds(meta, event))).toMatchObject([
      {
        ...{ kind: 'asset.set_criticality', targetType: 'Asset', targetId: 'one' },
        after: { criticality: 'HIGH', ...said },
      },
      { kind: 'asset.unmerge', before: { mergedInto: 'two' }, after: null },
      { kind: 'identity.set_risk', targetType: 'Identity', after: { risk: 'LOW', ...said } },
    ]);
  });

  it('is none where a rule said it', () => {
    for (const actorRole of ['SERVICE', '']) {
      expect(toAssetDeeds({ ...meta, actorRole }, changed)).toEqual([]);
    }
  });
});
