import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { durablesOf, isNatsUser, natsPermissions, natsUsers } from './nats-permissions.ts';
import { historyDurable, streams } from './streams.ts';

const services = join(import.meta.dirname, '../../../services');

/** The durables that a service's folder of consumers stands for: `<service>-<file name>`. */
function durablesInFolder(service: string): string[] {
  const folder = join(services, service, 'src/consumers');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => `${service}-${file.replace(/\.ts$/, '')}`)
    .sort();
}

/** The detector's file stands for one durable per shard, and one of receipts for one per service. */
const fileOf = (durable: string): string =>
  durable
    .replace(/^hunting-detect-\d+$/, 'hunting-detect-on-telemetry')
    .replace(/^(tenancy-record-\w+-on)-\w+(-customer-\w+)$/, '$1$2');

describe('the table of NATS users', () => {
  it('has every service, and a line for each of its consumers', () => {
    for (const service of readdirSync(services)) {
      if (!isNatsUser(service)) throw new Error(`${service} is no user of NATS`);
      const durables = durablesOf(service).flatMap(([, names]) => names.map(fileOf));
      expect([...new Set(durables)].sort()).toEqual(durablesInFolder(service));
    }
  });

  it('gives each subject of ours to one user alone', () => {
    const publishers = Object.values(streams).map(({ config }) =>
      natsUsers.filter((user) =>
        config.subjects.some((subject) => natsPermissions(user).publish.allow.includes(subject)),
      ),
    );
    expect(publishers.map((users) => users.length)).toEqual(publishers.map(() => 1));
  });

  it('spells out what a service may do', () => {
    const { publish, subscribe } = natsPermissions('ingestion');
    const ofHistory = publish.allow.filter((subject) => subject.includes(historyDurable));
    expect(ofHistory).toEqual([
      '$JS.API.CONSUMER.INFO.TELEMETRY.ingestion-store-telemetry',
      '$JS.API.CONSUMER.CREATE.TELEMETRY.ingestion-store-telemetry.>',
      '$JS.API.CONSUMER.DELETE.TELEMETRY.ingestion-store-telemetry',
      '$JS.API.CONSUMER.MSG.NEXT.TELEMETRY.ingestion-store-telemetry',
      '$JS.ACK.TELEMETRY.ingestion-store-telemetry.>',
    ]);
    expect(publish.allow).toContain('vedette.telemetry.>');
    expect(subscribe.allow).toEqual(['_INBOX_ingestion.>']);
  });
});
