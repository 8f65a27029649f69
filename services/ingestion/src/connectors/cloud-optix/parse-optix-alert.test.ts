import { toEcs, toOcsf } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';

import { cloudOptix } from './cloud-optix.ts';
import { parseOptixAlert } from './parse-optix-alert.ts';

const receivedAt = Date.UTC(2026, 1, 1);
type Json = Readonly<Record<string, unknown>>;

/** An alert with the published names and some of those that we expect; all values are made up. */
function anAlert(more: Json = {}): Json {
  return {
    alertId: 'ox-1',
    alertDescription: 'Bucket invoices can be read by anybody',
    alertType: 'Storage',
    severity: 'HIGH',
    accountId: '111122223333',
    provider: 'AWS',
    region: 'eu-central-1',
    resourceId: 'arn:aws:s3:::invoices',
    createdAt: '2026-01-31T12:00:00Z',
    complianceTags: ['CIS 2.1', 'GDPR'],
    ...more,
  };
}

function parse(record: Json, settings: Json = {}) {
  return parseOptixAlert(record, receivedAt, settings);
}

describe('an alert of Cloud Optix', () => {
  it('about how something is set up is a compliance finding', () => {
    const event = parse(anAlert());
    expect(event).toMatchObject({
      source: 'cloud-optix',
      occurredAt: Date.UTC(2026, 0, 31, 12),
      classUid: 2003,
      activityId: 1,
      severityId: 4,
    });
    expect(toOcsf(event)).toMatchObject({
      class_name: 'Compliance Finding',
      finding_info: { uid: 'ox-1', desc: 'Bucket invoices can be read by anybody' },
      cloud: { account: { uid: '111122223333' }, region: 'eu-central-1', provider: 'AWS' },
      resources: [{ uid: 'arn:aws:s3:::invoices' }],
    });
    expect(toEcs(event)).toMatchObject({ cloud: { account: { id: '111122223333' } } });
  });

  it.each(['Anomaly', 'Guard Rail', 'GUARDRAIL', 'Suspicious login', 'User behavior'])(
    'of the kind %s is a detection finding',
    (alertType) => {
      expect(parse(anAlert({ alertType })).classUid).toBe(2004);
    },
  );

  it('without a kind is told by its text', () => {
    const alertDescription = 'Unusual outbound traffic';
    expect(parse(anAlert({ alertType: undefined, alertDescription })).classUid).toBe(2004);
    expect(parse(anAlert({ alertType: undefined })).classUid).toBe(2003);
    // The kind goes before the text.
    expect(parse(anAlert({ alertDescription })).classUid).toBe(2003);
  });

  it.each([
    ['CRITICAL', 5],
    ['HIGH', 4],
    ['MEDIUM', 3],
    ['LOW', 2],
    ['purple', 0],
  ])('of severity %s has the severity id %i', (severity, severityId) => {
    expect(parse(anAlert({ severity })).severityId).toBe(severityId);
  });

  it('that is closed closes the finding, and is told apart from its opening', () => {
    const open = parse(anAlert());
    const closed = parse(anAlert({ status: 'Resolved', updatedAt: '2026-01-31T15:00:00Z' }));
    expect(closed).toMatchObject({ activityId: 3, occurredAt: Date.UTC(2026, 0, 31, 15) });
    expect(closed.sourceRef).not.toBe(open.sourceRef);
    expect(toOcsf(closed)).toMatchObject({ finding_info: { uid: 'ox-1' } });
    expect(parse(anAlert({ status: 'Reopened' })).activityId).toBe(2);
  });

  it("as Sophos Central's alerts call it is read as well", () => {
    const event = parse({
      id: 'central-1',
      product: 'iaas',
      category: 'iaas',
      description: 'Security group open to the world',
      severity: 'medium',
      raisedAt: '2026-01-31T12:00:00Z',
    });
    expect(event).toMatchObject({ classUid: 2003, severityId: 3, sourceRef: 'central-1|1|' });
  });

  it('may use names that only the settings know, before ours', () => {
    const settings = { aliases: { accountId: ['tenancy.key'], alertId: ['ref'] } };
    expect(cloudOptix.settings.safeParse(settings).success).toBe(true);
    const event = parse(anAlert({ ref: 'mine', tenancy: { key: 'acc-9' } }), settings);
    expect(event.fields.accountId).toBe('acc-9');
    expect(event.sourceRef).toBe('mine|1|');
    expect(event.fields['tenancy.key']).toBe('acc-9');
  });

  it('has settings that name facts, and no others', () => {
    expect(cloudOptix.settings.safeParse({}).success).toBe(true);
    expect(cloudOptix.settings.safeParse({ aliases: { colour: ['x'] } }).success).toBe(false);
    expect(cloudOptix.settings.safeParse({ aliases: { alertId: [] } }).success).toBe(false);
  });

  it('arrives alone or in a list', () => {
    expect(cloudOptix.unwrap?.({ alerts: [anAlert(), anAlert()] })).toHaveLength(2);
    expect(cloudOptix.unwrap?.(anAlert({ items: [{ a: 1 }] }))).toBeNull();
  });

  it('that tells neither subject nor severity is unmapped', () => {
    expect(parse({ severity: 'HIGH' })).toMatchObject({ classUid: 0, activityId: 0 });
    expect(parse({ description: 'x' })).toMatchObject({ classUid: 0, occurredAt: receivedAt });
  });
});
