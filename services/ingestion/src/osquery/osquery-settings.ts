import { z } from 'zod';
import { defaultSchedule } from './default-schedule.ts';

const scheduledQuery = z.strictObject({
  query: z.string().min(1).max(16_384),
  interval: z.number().int().min(10).max(604_800),
  platform: z.string().max(100).optional(),
  version: z.string().max(20).optional(),
  shard: z.number().int().min(1).max(100).optional(),
  removed: z.boolean().optional(),
  snapshot: z.boolean().optional(),
  denylist: z.boolean().optional(),
});

const name = z.string().regex(/^[\w.-]{1,100}$/);
const maxQueries = 200;

/** What an osquery connector may have set: spread it into the shape of its settings. */
export const osquerySettings = {
  /** By name: replaces the query of that name in the default schedule or is added to it; null takes one out. */
  schedule: z
    .record(name, scheduledQuery.nullable())
    .refine((queries) => Object.keys(queries).length <= maxQueries, 'has 200 queries at most')
    .optional(),
  /** The agent's own options, by their names; see osquery's documentation. */
  options: z.record(name, z.union([z.string().max(1_000), z.number(), z.boolean()])).optional(),
  /** Paths that agents watch, by category, for `file_events`. */
  filePaths: z.record(name, z.array(z.string().max(1_000)).max(100)).optional(),
};

/** Queries do not all run in the same second. */
const defaultOptions = { schedule_splay_percent: 10 };

/** The configuration that a connector's agents get, as osquery reads it. */
export function toAgentConfig(settings: Readonly<Record<string, unknown>>): object {
  const { schedule = {}, options = {}, filePaths = {} } = z.object(osquerySettings).parse(settings);
  const queries = Object.entries({ ...defaultSchedule, ...schedule });
  return {
    schedule: Object.fromEntries(queries.filter(([, query]) => query !== null)),
    packs: {},
    options: { ...defaultOptions, ...options },
    decorators: {},
    file_paths: filePaths,
  };
}
