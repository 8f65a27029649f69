import { z } from 'zod';

import type { ConnectorDefinition, JsonRecord } from '../connector-definition.ts';
import { isRecord } from '../record-fields.ts';
import { parseEcsDocument } from './parse-ecs-document.ts';

/** Documents in the Elastic Common Schema, of any product, with nested or dotted keys. */
export const ecsJson: ConnectorDefinition = {
  family: 'ANY',
  deliveries: ['HTTP'],
  settings: z.strictObject({}),
  unwrap: unwrapHits,
  parse: parseEcsDocument,
};

/** The hits of a search's answer; a hit itself is read by the parser, which needs its `_id`. */
function unwrapHits(record: JsonRecord): readonly JsonRecord[] | null {
  const hits = isRecord(record.hits) ? record.hits.hits : null;
  if (!Array.isArray(hits) || hits.length === 0 || !hits.every(isRecord)) return null;
  return hits;
}
