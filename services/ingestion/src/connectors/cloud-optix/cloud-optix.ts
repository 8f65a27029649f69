import { z } from 'zod';

import type { ConnectorDefinition } from '../connector-definition.ts';
import { optixFacts } from './optix-aliases.ts';
import { parseOptixAlert } from './parse-optix-alert.ts';
import { unwrapOptix } from './unwrap-optix.ts';

/** Further names of a fact, tried before those that we know; nested ones dotted. */
const names = z.array(z.string().min(1).max(256)).min(1).max(20);

/** Sophos Cloud Optix: alerts about how cloud accounts are set up and used. */
export const cloudOptix: ConnectorDefinition = {
  family: 'CLOUD',
  deliveries: ['HTTP'],
  settings: z.strictObject({ aliases: z.partialRecord(z.enum(optixFacts), names).optional() }),
  unwrap: unwrapOptix,
  parse: parseOptixAlert,
};
