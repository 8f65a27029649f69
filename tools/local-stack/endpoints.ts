import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toCertificateFiles } from './certificates.ts';
import { readJson, writeJson } from './data-files.ts';
import type { InfrastructureEntry } from './infrastructure.ts';
import { portOffsets } from './ports.ts';
import { readSensors, type AccessToken, type Sensor } from './principals.ts';
import type { RunRecord, ServiceEntry } from './run-record.ts';

/** Content of `endpoints.json`, which scripts rely on. Doors that are not built yet are null. */
export interface Endpoints {
  readonly gateway: { readonly http: string; readonly ws: null; readonly sse: null };
  readonly ingest: {
    readonly http: string;
    /** `udp://`, `tcp://` and `tls://` with host and port. */
    readonly syslogUdp: string;
    readonly syslogTcp: string;
    readonly syslogTls: string;
    /** `https://` with host and port; the calls are below `/v1/osquery/`. */
    readonly osquery: string;
    /** The authority that signed what the doors with TLS show. PEM. */
    readonly caFile: string;
  };
  /** Null before the principal exists. The tokens are fresh when the stack gets ready. */
  readonly principals: Readonly<Record<string, AccessToken | null>>;
  readonly sensors: readonly Sensor[];
  readonly services: readonly ServiceEntry[];
  readonly infrastructure: readonly InfrastructureEntry[];
  readonly simulators: readonly { readonly name: string; readonly url: string }[];
}

const endpointsFile = (dataDir: string) => join(dataDir, 'endpoints.json');

/** Null when no stack is ready. */
export function readEndpoints(dataDir: string): Promise<Endpoints | null> {
  return readJson<Endpoints>(endpointsFile(dataDir));
}

/** Writes the file from what runs, the principals' tokens, and the sensors on record. */
export async function writeEndpoints(
  dataDir: string,
  port: (offset: number) => number,
  record: RunRecord,
  principals: Endpoints['principals'],
): Promise<Endpoints> {
  const endpoints: Endpoints = {
    gateway: { http: `http://127.0.0.1:${port(portOffsets.gateway)}/graphql`, ws: null, sse: null },
    ingest: {
      http: `http://127.0.0.1:${port(portOffsets.ingestHttp)}`,
      syslogUdp: `udp://127.0.0.1:${port(portOffsets.ingestSyslogUdp)}`,
      syslogTcp: `tcp://127.0.0.1:${port(portOffsets.ingestSyslogTcp)}`,
      syslogTls: `tls://127.0.0.1:${port(portOffsets.ingestSyslogTls)}`,
      osquery: `https://127.0.0.1:${port(portOffsets.ingestOsquery)}`,
      caFile: toCertificateFiles(dataDir).authority,
    },
    principals,
    sensors: await readSensors(dataDir),
    services: record.services.map(({ name, pid, url }) => ({ name, pid, url })),
    infrastructure: record.infrastructure,
    simulators: [],
  };
  await writeJson(endpointsFile(dataDir), endpoints);
  return endpoints;
}

export async function removeEndpoints(dataDir: string): Promise<void> {
  await rm(endpointsFile(dataDir), { force: true });
}
