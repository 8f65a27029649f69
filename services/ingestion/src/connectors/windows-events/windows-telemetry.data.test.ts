import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { toEcs, toOcsf } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';

import { parseWindowsEvent } from './parse-windows-event.ts';

const root = resolve(
  import.meta.dirname,
  '../../../../..',
  process.env.VEDETTE_TEST_DATA ?? '../shared/data',
  'telemetry',
);

/** Three files of the first set hold cloud records. */
const windowsFile = /^(otrf|evtx-attack-samples|evtx-to-mitre)\./;
const cloudFile = /AADAuditEvents|Microsoft365DefenderEvents|OfficeActivityEvents/;
const files = readdirSync(root).filter((name) => windowsFile.test(name) && !cloudFile.test(name));

const receivedAt = Date.UTC(2026, 0, 1);

describe('real attack captures', () => {
  let records = 0;
  let unmapped = 0;

  it.each(files)('%s: every record has a host, a time of its own and projections', (file) => {
    const lines = gunzipSync(readFileSync(join(root, file)))
      .toString()
      .split('\n');
    const lost: string[] = [];
    const references = new Map<string, string>();
    for (const [index, line] of lines.entries()) {
      if (line === '') continue;
      const event = parseWindowsEvent(JSON.parse(line) as Record<string, unknown>, receivedAt);
      records += 1;
      if (event.classUid === 0) unmapped += 1;
      const isWhole =
        event.hostname !== undefined &&
        event.occurredAt !== receivedAt &&
        typeof event.fields.EventID === 'number';
      if (!isWhole) lost.push(`line ${String(index + 1)}`);
      // Projections cost more than parsing: a sample is enough here.
      if (index % 50 === 0) expect([toOcsf(event).class_uid, toEcs(event).ecs]).toBeTruthy();
      if (event.sourceRef === undefined) continue;
      const seen = references.get(event.sourceRef);
      if (seen !== undefined && seen !== line) lost.push(`line ${String(index + 1)}: reference`);
      references.set(event.sourceRef, line);
    }
    expect(lost).toEqual([]);
  });

  it('are unmapped in less than one record of a hundred', () => {
    expect(records).toBeGreaterThan(200_000);
    expect(unmapped / records).toBeLessThan(0.01);
  });
});
