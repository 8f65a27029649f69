import { describe, expect, it } from '@jest/globals';

import { assetId, telemetryEventId } from './event-ids.ts';

const connectorId = '0190f3b2-7b1c-7a55-8d7e-0b8f6c3a1d2e';
const otherConnectorId = '0190f3b2-7b1c-7a55-8d7e-0b8f6c3a1d2f';

describe('the id of a telemetry event', () => {
  it('is the same when a record with a reference is sent again', () => {
    const first = telemetryEventId({ connectorId, sourceRef: 'pc1|Security|42|0' });
    expect(telemetryEventId({ connectorId, sourceRef: 'pc1|Security|42|0' })).toBe(first);
    expect(telemetryEventId({ connectorId, sourceRef: 'pc1|Security|43|0' })).not.toBe(first);
  });

  it('differs between connectors', () => {
    const sourceRef = 'pc1|Security|42|0';
    const ids = [connectorId, otherConnectorId].map((id) =>
      telemetryEventId({ connectorId: id, sourceRef }),
    );
    expect(new Set(ids).size).toBe(2);
  });

  it('tells exact copies within one request apart, and repeats itself for a retry', () => {
    const idOf = (occurrence: number) =>
      telemetryEventId({ connectorId, raw: '{"a":1}', occurrence });
    expect(idOf(0)).not.toBe(idOf(1));
    expect(idOf(1)).toBe(idOf(1));
  });

  it('reads text and its bytes alike', () => {
    const raw = '{"name":"Zürich"}';
    const ofText = telemetryEventId({ connectorId, raw, occurrence: 0 });
    const ofBytes = telemetryEventId({ connectorId, raw: Buffer.from(raw), occurrence: 0 });
    expect(ofBytes).toBe(ofText);
  });
});

describe('the id of an asset', () => {
  const customerId = connectorId;

  it('ignores upper case and a trailing full stop of the host name', () => {
    const id = assetId(customerId, 'dc01.corp.example');
    expect(assetId(customerId, 'DC01.Corp.Example.')).toBe(id);
  });

  it('is another for another customer, and for the short name', () => {
    const id = assetId(customerId, 'dc01.corp.example');
    expect(assetId(otherConnectorId, 'dc01.corp.example')).not.toBe(id);
    expect(assetId(customerId, 'dc01')).not.toBe(id);
  });
});
