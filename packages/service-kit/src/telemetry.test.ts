import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import { activeTraceId, startTelemetry, traceHeaders, withSpan } from './telemetry.ts';
import { captureLog } from './testing/captured-log.ts';

let telemetry: { stop(): Promise<void> };
beforeAll(async () => {
  telemetry = await startTelemetry({ service: 'probe' });
});
afterAll(() => telemetry.stop());

const spanId = (): string => trace.getActiveSpan()?.spanContext().spanId ?? '';

describe('a trace', () => {
  it('goes on through the headers of a message', async () => {
    const [headers, traceId, sender] = await withSpan('send', { kind: 'PRODUCER' }, async () => [
      traceHeaders(),
      activeTraceId(),
      spanId(),
    ]);
    expect(headers).toEqual({ traceparent: `00-${traceId}-${sender}-01` });

    await withSpan('receive', { kind: 'CONSUMER', causedBy: headers }, async () => {
      expect(activeTraceId()).toBe(traceId);
      expect(spanId()).not.toBe(sender);
      expect(traceHeaders()['traceparent']).toContain(traceId);
    });
  });

  it('goes on in what a span calls, also after a wait', async () => {
    await withSpan('outer', {}, async () => {
      const traceId = activeTraceId();
      await new Promise(setImmediate);
      await withSpan('inner', {}, async () => {
        await new Promise(setImmediate);
        expect(activeTraceId()).toBe(traceId);
      });
      expect(activeTraceId()).toBe(traceId);
    });
  });

  it.each(['', 'nonsense', '00-00000000000000000000000000000000-0000000000000000-01'])(
    "begins anew where the header is '%s'",
    async (traceparent) => {
      await withSpan('receive', { causedBy: { traceparent } }, async () => {
        expect(activeTraceId()).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
      });
    },
  );

  it('is not there outside of any span', () => {
    expect(activeTraceId()).toBe('');
    expect(traceHeaders()).toEqual({});
  });

  it('stands in each line of the log', async () => {
    const log = captureLog();
    await withSpan('request', {}, async () => {
      log.logger.info('inside');
      expect(log.last()['traceId']).toBe(activeTraceId());
    });
    log.logger.info('outside');
    expect(log.last()).not.toHaveProperty('traceId');
  });

  it('ends with an error, which is thrown on', async () => {
    const failing = withSpan('request', {}, async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(activeTraceId()).toBe('');
  });
});
