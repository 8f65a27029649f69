import type { Resolvers } from '../gen/graphql.ts';
import { listQuarantinedRecords } from './quarantine-operations.ts';
import { replayQuarantinedRecords } from './replay-operations.ts';

export const quarantineResolvers = {
  Query: { quarantinedRecords: (_, args, ctx) => listQuarantinedRecords(ctx, args) },
  Mutation: {
    replayQuarantinedRecords: (_, { input }, ctx) => replayQuarantinedRecords(ctx, input),
  },
  QuarantinedRecord: {
    id: (record) => record.recordId,
    customer: (record) => ({ id: record.customerId }),
    connector: (record, _, ctx) => ctx.connectors.load(record.connectorId),
    // What is no UTF-8 shows as replacement characters; PostgreSQL and JSON both carry U+0000 as it is here.
    rawText: (record) => record.raw.toString('utf8'),
    rawBase64: (record) => record.raw.toString('base64'),
    isCutOff: (record) => record.rawBytes > record.raw.length,
  },
} satisfies Resolvers;
