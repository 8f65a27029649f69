import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { toEcs, toOcsf } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';

import { at, testData } from '../testing/sample-facts.ts';
import type { Json } from '../testing/sample-facts.ts';
import { parseZeekRecord } from './parse-zeek-record.ts';

const folder = join(testData, 'telemetry');
const files = readdirSync(folder).filter((name) => name.startsWith('zeek.'));
const receivedAt = Date.UTC(2026, 0, 1);

/** Where facts of a record are in OCSF, whatever its class; a finding has its ends among its evidence. */
const facts: Readonly<Record<string, readonly string[]>> = {
  'id.orig_h': ['src_endpoint.ip', 'evidences.0.src_endpoint.ip'],
  'id.orig_p': ['src_endpoint.port', 'evidences.0.src_endpoint.port'],
  'id.resp_h': ['dst_endpoint.ip', 'evidences.0.dst_endpoint.ip'],
  'id.resp_p': ['dst_endpoint.port', 'evidences.0.dst_endpoint.port'],
  orig_bytes: ['traffic.bytes_out'],
  resp_bytes: ['traffic.bytes_in'],
  query: ['query.hostname'],
  method: ['http_request.http_method'],
  status_code: ['http_response.code'],
  user_agent: ['http_request.user_agent'],
  note: ['finding_info.analytic.uid'],
  username: ['user.name'],
  server_name: ['tls.sni'],
  mailfrom: ['email.smtp_from'],
  _path: ['metadata.log_name'],
};
const hashes = ['md5', 'sha1', 'sha256'];

/** OCSF's mail has a user agent of its own, and none of HTTP. */
const elsewhere: Readonly<Record<string, readonly string[]>> = { smtp: ['user_agent'] };

function differencesOf(record: Json): readonly string[] {
  const event = parseZeekRecord(record, receivedAt);
  const ocsf = toOcsf(event);
  const path = String(record._path);
  const found = Object.entries(facts).flatMap(([name, places]) => {
    const value = record[name];
    const isTold = value !== undefined && value !== '' && elsewhere[path]?.includes(name) !== true;
    return isTold && !places.some((place) => at(ocsf, place) === value) ? [name] : [];
  });
  const ecs = toEcs(event);
  const lost = hashes.filter((name) => record[name] !== at(ecs, `file.hash.${name}`));
  const theirs = typeof record.ts === 'number' ? record.ts * 1000 : Date.parse(String(record.ts));
  const isSameTime = Math.abs(theirs - event.occurredAt) < 1;
  return [
    ...found,
    ...lost,
    ...(isSameTime ? [] : ['ts']),
    ...(event.classUid === 0 ? ['class'] : []),
  ];
}

describe('captures of Zeek', () => {
  it.each(files)('%s: every record has its facts, its time and a class', (file) => {
    const lines = gunzipSync(readFileSync(join(folder, file)))
      .toString()
      .split('\n');
    const lost: string[] = [];
    const references = new Map<string, string>();
    for (const [index, line] of lines.entries()) {
      if (line === '') continue;
      const record = JSON.parse(line) as Json;
      // A projection costs more than parsing: of the two large logs every tenth record.
      if (lines.length < 5_000 || index % 10 === 0) {
        const different = differencesOf(record);
        if (different.length > 0) lost.push(`line ${String(index + 1)}: ${different.join()}`);
      }
      const { sourceRef } = parseZeekRecord(record, receivedAt);
      if (sourceRef === undefined) continue;
      const seen = references.get(sourceRef);
      if (seen !== undefined && seen !== line) lost.push(`line ${String(index + 1)}: reference`);
      references.set(sourceRef, line);
    }
    expect(lost).toEqual([]);
  });
});
