import { describe, expect, it } from '@jest/globals';
import { databaseServices, processes } from './processes.ts';

const databases = Object.fromEntries(
  databaseServices.map((service) => [
    service,
    { ownerUrl: `postgres://${service}_owner@db`, runtimeUrl: `postgres://${service}_runtime@db` },
  ]),
);
const keys = {
  ...{ identityPrivate: 'private.json', identityPublic: 'public.json', secrets: 's.json' },
  tls: { authority: 'ca.pem', certificate: 'server.pem', key: 'server.key.pem' },
};

/** The credentials in a process's environment: its users of PostgreSQL and NATS. */
function usersOf(name: string): string[] {
  const environment = processes
    .find((each) => each.name === name)
    ?.environment({
      ...{ root: '/root', dataDir: '/data', keys, databases, rulesDirs: [] },
      natsUrlOf: (user) => `nats://${user}@broker`,
      ownPort: (offset) => offset,
      port: (offset) => offset,
    });
  return Object.values(environment ?? {})
    .map((value) => /^\w+:\/\/(\w+)@/.exec(value)?.[1])
    .filter((user) => user !== undefined);
}

describe('a process of the local stack', () => {
  it('has the runtime role and the NATS user of its service, and never the schema’s owner', () => {
    expect(Object.fromEntries(processes.map(({ name }) => [name, usersOf(name)]))).toEqual({
      tenancy: ['tenancy_runtime', 'tenancy'],
      ingestion: ['ingestion_runtime', 'ingestion'],
      'ingestion-history': ['ingestion_runtime', 'ingestion'],
      hunting: ['hunting_runtime', 'hunting'],
      'hunting-detector': ['hunting_runtime', 'hunting'],
      cases: ['cases_runtime', 'cases'],
      gateway: ['gateway'],
    });
  });

  it('migrates when it is the first of a service with a schema', () => {
    const migrating = processes.filter(({ migrations }) => migrations !== undefined);
    expect(migrating.map(({ name }) => name)).toEqual(databaseServices);
  });
});
