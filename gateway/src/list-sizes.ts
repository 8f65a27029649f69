import { getNullableType, isListType } from 'graphql';
import type { GraphQLField, GraphQLNamedType } from 'graphql';

/** The longest page of any list that takes `first`; a subgraph refuses more. */
export const maxPage = 100;
/** What a page holds when `first` is left out, unless the list says otherwise. */
const usualPage = 25;

/** Lists whose `first` defaults to something else. */
const defaultPages: Readonly<Record<string, number>> = {
  'Case.detections': 50,
  'Query.telemetryCounts': 10,
};

/**
 * What a list without `first` holds at most. The service that owns it sets the bound; here it is
 * known, so that an operation can be priced before anybody is asked. A test fails for a list of the
 * supergraph that is missing.
 */
const longestLists: Readonly<Record<string, number>> = {
  'ApiKey.grants': 1_000,
  'Asset.agentIds': 50,
  'Asset.aliases': 50,
  'Asset.macAddresses': 50,
  'Case.assets': 100,
  'Case.techniques': 100,
  'Connector.eventCounts': 1_000,
  'Connector.polls': 10,
  'ContactLadder.rungs': 20,
  'Customer.mandates': 100,
  'Customer.readiness': 10,
  'CustomerExport.receipts': 10,
  'CustomerPurge.receipts': 10,
  'Detection.matchedFields': 50,
  'Detection.techniques': 10,
  'EffectiveResponsePolicy.actionModes': 50,
  'EffectiveResponsePolicy.windows': 20,
  'Identity.aliases': 50,
  'ImportCustomersPayload.items': 2_000,
  'ProcessTree.nodes': 500,
  'Query.techniqueCounts': 1_000,
  'ReplayQuarantinedRecordsPayload.items': 100,
  'ResponsePolicy.actionModes': 50,
  'ResponsePolicy.windows': 20,
  'Rule.techniques': 10,
  'Technique.tactics': 5,
  'TelemetryCounts.counts': 745,
  'User.grants': 1_000,
};

type Field = GraphQLField<unknown, unknown>;

export function isList({ type }: Field): boolean {
  return isListType(getNullableType(type));
}

/** The lists of a connection, `nodes` and `edges`, hold the page that was asked of it. */
export function isOfConnection(parent: GraphQLNamedType): boolean {
  return parent.name.endsWith('Connection');
}

export function defaultPage(parent: GraphQLNamedType, { name }: Field): number {
  return defaultPages[`${parent.name}.${name}`] ?? usualPage;
}

/** Null for a list that is not in the table. */
export function longestList(parent: GraphQLNamedType, { name }: Field): number | null {
  return longestLists[`${parent.name}.${name}`] ?? null;
}
