import { InvalidInputError } from '@vedette/service-kit';
import type { Database, Transaction } from '@vedette/service-kit';
import type { ConnectorSettings, ConnectorType } from '../connectors/index.ts';
import type { Sensor } from '../connector/sensor-key-store.ts';
import { readSyslogSenders } from './syslog-settings.ts';
import type { SyslogSender } from './syslog-settings.ts';

/** By what a sender is known whose lines carry no key. */
export type SenderKind = 'ADDRESS' | 'CERTIFICATE';

/** A sender by what is seen of it: its address, or the SHA-256 fingerprint of its certificate in hexadecimal. */
export interface SenderIdentity {
  readonly kind: SenderKind;
  readonly value: string;
}

/**
 * Makes a connector's senders those of its settings. The scope is the transaction's, and the connector is locked.
 * @throws {InvalidInputError} one is another connector's, of whichever customer: the message does not tell
 */
export async function keepSyslogSenders(
  tx: Transaction,
  { customerId, connectorId }: Pick<Sensor, 'customerId' | 'connectorId'>,
  settings: ConnectorSettings,
): Promise<void> {
  const identities = readSyslogSenders(settings).map(toIdentity);
  const kinds = identities.map(({ kind }) => kind);
  const values = identities.map(({ value }) => value);
  await tx.query(
    `delete from syslog_senders where customer_id = $1 and connector_id = $2
       and (kind, value) not in (select * from unnest($3::text[], $4::text[]))`,
    [customerId, connectorId, kinds, values],
  );
  // Whose a taken one is, row-level security does not show; the unique index knows it nevertheless.
  await tx.query(
    `insert into syslog_senders (customer_id, connector_id, kind, value)
     select $1, $2, kind, value from unnest($3::text[], $4::text[]) as given (kind, value)
     on conflict do nothing`,
    [customerId, connectorId, kinds, values],
  );
  const kept: SenderIdentity[] = await tx.query(
    'select kind, value from syslog_senders where customer_id = $1 and connector_id = $2',
    [customerId, connectorId],
  );
  const own = new Set(kept.map(({ kind, value }) => `${kind} ${value}`));
  const taken = identities.findIndex(({ kind, value }) => !own.has(`${kind} ${value}`));
  if (taken < 0) return;
  throw new InvalidInputError('A sender in syslogSenders cannot be used.', [
    { path: `input.settings.syslogSenders.${taken}`, problem: 'cannot be used' },
  ]);
}

function toIdentity(sender: SyslogSender): SenderIdentity {
  return 'address' in sender
    ? { kind: 'ADDRESS', value: sender.address }
    : { kind: 'CERTIFICATE', value: sender.certificateSha256 };
}

/** A sender, and whose it is. */
export interface KnownSender extends SenderIdentity {
  readonly sensor: Sensor;
}

/**
 * All senders whose customers are served. This look-up happens before any customer is known and decides which it is,
 * so it runs in the operator's scope; nothing of it is shown to senders.
 */
export async function listSyslogSenders(database: Database): Promise<KnownSender[]> {
  const rows: {
    kind: SenderKind;
    value: string;
    connector_id: string;
    type: ConnectorType;
    settings: ConnectorSettings;
    customer_id: string;
    provider_id: string;
  }[] = await database.transaction({ kind: 'OPERATOR' }, (tx) =>
    tx.query(
      `select s.kind, s.value, s.connector_id, c.type, c.settings, s.customer_id, o.provider_id
       from syslog_senders s
       join connectors c using (customer_id, connector_id)
       join customers o using (customer_id)
       where o.is_served`,
    ),
  );
  return rows.map((row) => ({
    kind: row.kind,
    value: row.value,
    sensor: {
      connectorId: row.connector_id,
      connectorType: row.type,
      customerId: row.customer_id,
      providerId: row.provider_id,
      settings: row.settings,
    },
  }));
}
