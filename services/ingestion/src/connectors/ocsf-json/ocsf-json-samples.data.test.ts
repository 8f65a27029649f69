import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { toOcsf } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';

import { parseOcsfEvent } from './parse-ocsf-event.ts';

const root = resolve(
  import.meta.dirname,
  '../../../../..',
  process.env.VEDETTE_TEST_DATA ?? '../shared/data',
  'connectors',
);
const receivedAt = Date.UTC(2026, 0, 1);

type Json = Readonly<Record<string, unknown>>;

function at(node: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((parent, key) => (parent as Json | undefined)?.[key], node);
}

/** OCSF events as the schema's own project shows them, of whatever product. */
const samples = readdirSync(root).flatMap((connector) => {
  const folder = join(root, connector, 'ocsf-pairs');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => /\.(ocsf|json)$/.test(name))
    .map((name): [string, Json] => {
      // One of the files has a comma too many.
      const text = readFileSync(join(folder, name), 'utf8').replaceAll(/,(?=\s*[}\]])/g, '');
      return [`${connector}/${name}`, JSON.parse(text) as Json];
    });
});

const kept = [
  ...['class_uid', 'activity_id', 'severity_id', 'type_uid', 'metadata.uid', 'device.hostname'],
  ...['src_endpoint.ip', 'dst_endpoint.ip', 'api.operation', 'cloud.account.uid', 'cloud.region'],
  ...['actor.user.uid', 'finding_info.uid', 'finding_info.title', 'http_request.user_agent'],
];

describe('samples of OCSF', () => {
  it.each(samples)('%s: is the same event again', (_name, sample) => {
    const event = parseOcsfEvent(sample, receivedAt);
    const again = toOcsf(event);
    const different = kept.filter((path) => {
      const fact = at(sample, path);
      return fact !== undefined && fact !== '-' && at(again, path) !== fact;
    });
    expect(different).toEqual([]);
    const time = Number(sample.time);
    expect(event.occurredAt).toBe(time < 1e11 ? time * 1000 : time);
  });

  it('are there', () => {
    expect(samples.length).toBeGreaterThanOrEqual(8);
  });
});
