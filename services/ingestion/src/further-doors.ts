import { readFileSync } from 'node:fs';
import type { ServiceDependencies } from '@vedette/service-kit';
import type { Intake } from './intake/intake-parts.ts';
import { createSensorAuthenticator } from './intake/sensor-authenticator.ts';
import { startOsqueryDoor } from './osquery/osquery-door.ts';
import { recordOverflowGap } from './syslog/overflow-gap.ts';
import type { DoorCertificate } from './syslog/stream-door.ts';
import { startSyslogDoor } from './syslog/syslog-door.ts';

/** The settings of this process that say which doors there are. */
interface DoorSettings {
  readonly INGEST_HTTP_HOST: string;
  readonly INGEST_SYSLOG_UDP_PORT?: number | undefined;
  readonly INGEST_SYSLOG_TCP_PORT?: number | undefined;
  readonly INGEST_SYSLOG_TLS_PORT?: number | undefined;
  readonly INGEST_OSQUERY_PORT?: number | undefined;
  readonly INGEST_TLS_CERT_FILE?: string | undefined;
  readonly INGEST_TLS_KEY_FILE?: string | undefined;
}

/**
 * Starts the doors for syslog and osquery, each where it has a port.
 * @throws {Error} a port is in use, or a file that is named cannot be read
 */
export async function startFurtherDoors(
  config: DoorSettings,
  intake: Intake,
  { shutdown }: ServiceDependencies,
): Promise<void> {
  const authenticate = createSensorAuthenticator(intake.database, intake.clock);
  const certificate = readCertificate(config);
  const host = config.INGEST_HTTP_HOST;
  const syslog = await startSyslogDoor(
    {
      ...{ host, certificate },
      udpPort: config.INGEST_SYSLOG_UDP_PORT,
      tcpPort: config.INGEST_SYSLOG_TCP_PORT,
      tlsPort: config.INGEST_SYSLOG_TLS_PORT,
    },
    {
      ...{ intake, authenticate },
      recordOverflow: (overflow) => recordOverflowGap(intake.database, overflow),
    },
  );
  shutdown.add('servers', 'syslog', syslog.close);
  if (config.INGEST_OSQUERY_PORT === undefined || !certificate) return;
  const port = config.INGEST_OSQUERY_PORT;
  const osquery = await startOsqueryDoor({ host, port, certificate }, intake, authenticate);
  shutdown.add('servers', 'osquery', osquery.close);
}

/** @throws {Error} a file that is named cannot be read */
function readCertificate({
  INGEST_TLS_CERT_FILE: cert,
  INGEST_TLS_KEY_FILE: key,
}: DoorSettings): DoorCertificate | undefined {
  if (cert === undefined || key === undefined) return undefined;
  return { cert: readFileSync(cert), key: readFileSync(key) };
}
