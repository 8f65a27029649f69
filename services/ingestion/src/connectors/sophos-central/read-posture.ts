import type { JsonRecord } from '../connector-definition.ts';
import { booleanOf, firstName, firstTime, recordOf } from '../json-values.ts';
import type { ReadEvent } from '../json-values.ts';
import { isRecord } from '../record-fields.ts';
import { readFields } from './sophos-fields.ts';

/**
 * An endpoint of the inventory, as it was when it was last seen. Without a reference of its own: the same item
 * twice is one event, an item that changed is another.
 */
export function readEndpoint(record: JsonRecord, receivedAt: number): ReadEvent {
  const fields = readFields(record);
  return {
    source: 'sophos-central',
    occurredAt: firstTime(receivedAt, record.lastSeenAt) ?? receivedAt,
    meaning: [5001, 2, 1],
    sourceRef: null,
    hostname: firstName(record.hostname),
    userName: firstName(recordOf(record.associatedPerson).viaLogin),
    fields,
  };
}

/** An account's health check: passed where no check counts anything, else a finding with the checks that failed. */
export function readHealthCheck(record: JsonRecord, receivedAt: number): ReadEvent {
  const fields = readFields(record);
  const failing = failingChecks(record);
  fields.failing_checks = failing;
  fields['compliance.status_id'] = failing.length === 0 ? 1 : 3;
  return {
    source: 'sophos-central',
    occurredAt: receivedAt,
    meaning: [2003, 1, failing.length === 0 ? 1 : 3],
    sourceRef: null,
    hostname: null,
    userName: null,
    fields,
  };
}

/** How a check counts what is wrong. */
const counters = ['notFullyProtected', 'notOnRecommended', 'numberOfSecurityRisks', 'disabled'];
const maxDepth = 6;
const maxChecks = 200;

interface Open {
  readonly path: string;
  readonly node: JsonRecord;
  readonly depth: number;
}

/** Paths of the checks that count something (`endpoint.protection.computer`). */
function failingChecks(record: JsonRecord): string[] {
  const failing: string[] = [];
  const open: Open[] = [{ path: '', node: record, depth: 0 }];
  for (
    let next = open.shift();
    next !== undefined && failing.length < maxChecks;
    next = open.shift()
  ) {
    const { path, node, depth } = next;
    if (counters.some((name) => Number(node[name]) > 0)) failing.push(path);
    if (path.endsWith('.tamperProtection') && booleanOf(node.global) === false) {
      failing.push(`${path}.global`);
    }
    if (depth === maxDepth || open.length > maxChecks) continue;
    for (const [key, child] of Object.entries(node)) {
      const name = key.slice(0, 64);
      if (isRecord(child))
        open.push({ path: path === '' ? name : `${path}.${name}`, node: child, depth: depth + 1 });
    }
  }
  return failing;
}
