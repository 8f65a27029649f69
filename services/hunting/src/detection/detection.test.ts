import { describe, expect, it } from '@jest/globals';
import { isUuid, newId } from '@vedette/service-kit';
import {
  aCorrelationMatch,
  aMatch,
  anEvent,
  assetId,
  customerId,
  detectedAt,
  occurredAt,
  providerId,
  receivedAt,
} from '../testing/detection-builders.ts';
import { detectionSeverities, toCorrelationDetection, toDetection } from './detection.ts';

const idOf = (event = anEvent(), match = aMatch()): string =>
  toDetection(event, match, detectedAt).detectionId;

describe('a detection', () => {
  it('says which rule matched which event, where, when and how bad that is', () => {
    const match = aMatch({}, [{ field: 'EventID', value: '1102' }]);
    expect(toDetection(anEvent(), match, detectedAt)).toEqual({
      detectionId: idOf(),
      customerId,
      providerId,
      ruleId: '5c20793e-bd5f-4e2d-9683-aa07bb3c37bc',
      ruleTitle: 'Windows event log cleared',
      ruleAuthor: 'Vedette',
      severity: 'HIGH',
      signalStrength: 'WEAK',
      techniqueIds: ['T1070.001'],
      eventIds: ['0197ab00-0000-5000-8000-000000000001'],
      matchedFields: [{ name: 'EventID', value: '1102' }],
      assetId,
      hostName: 'WS-17',
      userName: 'EXAMPLE\\jo',
      occurredAt,
      receivedAt,
      detectedAt,
    });
  });

  it('has the same id whenever the same rule matches the same event', () => {
    expect(isUuid(idOf())).toBe(true);
    expect(toDetection(anEvent(), aMatch(), new Date()).detectionId).toBe(idOf());
  });

  it('has another id for another event, rule or customer', () => {
    const others = [
      idOf(anEvent({ eventId: newId() })),
      idOf(anEvent({ customerId: newId() })),
      idOf(anEvent(), aMatch({ id: newId() })),
    ];
    expect(new Set([idOf(), ...others]).size).toBe(4);
  });

  it("takes its severity from the rule's level", () => {
    const levels = ['informational', 'low', 'medium', 'high', 'critical'] as const;
    const severities = levels.map(
      (level) => toDetection(anEvent(), aMatch({ level }), detectedAt).severity,
    );
    expect(severities).toEqual([...detectionSeverities]);
  });

  it('leaves open what the event or the rule does not say', () => {
    const nameless = anEvent({ assetId: '', hostName: '', userName: '' });
    const { author: _, ...rule } = aMatch().rule;
    const detection = toDetection(nameless, { rule, fields: [] }, detectedAt);
    expect(detection).toMatchObject({
      assetId: null,
      hostName: null,
      userName: null,
      ruleAuthor: null,
    });
  });

  it('keeps the beginning of a long value, in whole characters', () => {
    const valueOf = (value: string) =>
      toDetection(anEvent(), aMatch({}, [{ field: 'CommandLine', value }]), detectedAt)
        .matchedFields[0]?.value;
    expect(valueOf('x'.repeat(2_000))).toBe('x'.repeat(1_024));
    expect(valueOf(`${'x'.repeat(1_023)}🦊`)).toBe(`${'x'.repeat(1_023)}\uFFFD`);
  });

  it('replaces the NUL character, which the database cannot hold', () => {
    const detection = toDetection(
      anEvent({ hostName: 'WS\0', userName: 'jo\0' }),
      aMatch({}, [{ field: 'CommandLine', value: 'a\0b' }]),
      detectedAt,
    );
    expect(detection).toMatchObject({
      hostName: 'WS\uFFFD',
      userName: 'jo\uFFFD',
      matchedFields: [{ name: 'CommandLine', value: 'a\uFFFDb' }],
    });
  });
});

describe('a detection of a completed correlation', () => {
  const of = (changes: Parameters<typeof aCorrelationMatch>[0] = {}, event = anEvent()) =>
    toCorrelationDetection(event, aCorrelationMatch(changes), detectedAt);

  it('says what was completed by which events, and where, by the event that completed it', () => {
    expect(of()).toEqual({
      detectionId: of().detectionId,
      customerId,
      providerId,
      ruleId: 'b3b0c1de-58a1-4c12-9d0c-0e6a1f6b2a11',
      ruleTitle: 'Many failed sign-ins',
      ruleAuthor: 'Vedette',
      severity: 'MEDIUM',
      signalStrength: 'STRONG',
      techniqueIds: ['T1110.003'],
      eventIds: ['0197ab00-0000-5000-8000-000000000001', '0197ab00-0000-5000-8000-000000000002'],
      matchedFields: [
        { name: 'IpAddress', value: '10.0.0.7' },
        { name: 'Computer', value: 'DC-1' },
      ],
      assetId,
      hostName: 'WS-17',
      userName: 'EXAMPLE\\jo',
      occurredAt: new Date('2026-03-01T07:58:00Z'),
      receivedAt,
      detectedAt,
    });
  });

  it('has one id for a customer, correlation, group and first event, whoever completed it', () => {
    const completedLater = anEvent({ eventId: newId(), assetId: '', receivedAt: new Date() });
    expect(isUuid(of().detectionId)).toBe(true);
    expect(of({}, completedLater).detectionId).toBe(of().detectionId);
    expect(of({ eventIds: [of().eventIds[0] ?? '', newId()] }).detectionId).toBe(of().detectionId);
    const { correlation } = aCorrelationMatch();
    const others = [
      of({}, anEvent({ customerId: newId() })),
      of({ correlation: { ...correlation, id: newId() } }),
      of({ group: { IpAddress: '10.0.0.8', Computer: 'DC-1' } }),
      of({ group: { IpAddress: '10.0.0.7","DC', Computer: '1' } }),
      of({ eventIds: [newId()] }),
      toDetection(anEvent(), aMatch({ id: correlation.id }), detectedAt),
    ];
    const ids = others.map(({ detectionId }) => detectionId);
    expect(new Set([of().detectionId, ...ids]).size).toBe(7);
  });

  it('has no fields where its events share none, and storable ones where they do', () => {
    const { correlation } = aCorrelationMatch();
    expect(of({ correlation: { ...correlation, groupBy: [] }, group: {} }).matchedFields).toEqual(
      [],
    );
    const group = { IpAddress: 'a\0b', Computer: 'x'.repeat(2_000) };
    expect(of({ group }).matchedFields).toEqual([
      { name: 'IpAddress', value: 'a\uFFFDb' },
      { name: 'Computer', value: 'x'.repeat(1_024) },
    ]);
  });
});
