import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { toOcsf } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';

import { parseOktaEvent } from './parse-okta-event.ts';

const folder = resolve(
  import.meta.dirname,
  '../../../../..',
  process.env.VEDETTE_TEST_DATA ?? '../shared/data',
  'connectors/okta/ocsf-pairs',
);
const receivedAt = Date.UTC(2026, 0, 1);

type Json = Readonly<Record<string, unknown>>;

function at(node: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((parent, key) => (parent as Json | undefined)?.[key], node);
}

const facts = [
  ...['class_uid', 'activity_id', 'severity_id', 'time', 'type_uid', 'status', 'status_id'],
  ...['message', 'metadata.uid', 'metadata.event_code', 'user.uid', 'user.name', 'user.type'],
  ...['src_endpoint.ip', 'src_endpoint.location.city', 'src_endpoint.location.country'],
  ...['src_endpoint.location.isp', 'src_endpoint.autonomous_system.name'],
  ...['src_endpoint.autonomous_system.number', 'http_request.user_agent', 'http_request.uid'],
  ...['device.uid', 'device.name'],
];

/** Facts of theirs that we do not share, by reason. */
const reasons: Readonly<Record<string, readonly string[]>> = {
  'the time is in seconds and cut; OCSF has milliseconds, and so has Okta': ['time'],
  'the event code has lost a letter (user.sesion.start)': ['metadata.event_code'],
  'the display name is no name to sign in with: ours is the login': ['user.name'],
};

describe('pairs of an event and its OCSF event', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.raw'));

  it.each(names)('%s: is of that class and activity, with those facts', (name) => {
    const raw = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Json;
    const theirs = JSON.parse(
      readFileSync(join(folder, name.replace('.raw', '.ocsf')), 'utf8'),
    ) as Json;
    const ours = toOcsf(parseOktaEvent(raw, receivedAt));
    const told = facts.filter((path) => at(theirs, path) !== undefined);
    const different = told.filter((path) => at(ours, path) !== at(theirs, path));
    expect(different.sort()).toEqual(Object.values(reasons).flat().sort());
    expect(told.length).toBeGreaterThan(15);
    expect(Math.floor(Number(ours.time) / 1000)).toBe(theirs.time);
    expect(at(ours, 'user.name')).toBe(at(theirs, 'user.email_addr'));
  });
});
