import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@vedette/testkit';
import { startTestDoors } from './testing/syslog-doors.ts';
import type { TestConnector } from '../testing/test-intake.ts';
import type { TestDoors } from './testing/syslog-doors.ts';

const address = '127.0.0.2';

let doors: TestDoors;
let customer: TestConnector;

beforeEach(async () => {
  doors = await startTestDoors();
  customer = await doors.addConnector([{ address }]);
  // Once its sender is known.
  await waitFor(async () => {
    await doors.sendDatagrams(['<13>x {"EventID":1}'], address);
    return doors.published.length > 0;
  });
  await delay(100);
  doors.published.length = 0;
});

afterEach(() => doors.stop());

function someLines(count: number, bytes = 1_000): string[] {
  return Array.from({ length: count }, (_, n) => {
    const head = `<13>1 2026-03-01T10:00:00Z pc.example app - - - {"EventID":1,"n":${n},"pad":"`;
    return `${head}${'x'.repeat(bytes - head.length - 2)}"}`;
  });
}

/** How many different events of how many different lines were published. */
function stored(): { readonly events: number; readonly lines: number } {
  const own = doors.published.filter(({ customerId }) => customerId === customer.customerId);
  return {
    events: new Set(own.map(({ eventId }) => eventId)).size,
    lines: new Set(own.map(({ raw }) => raw)).size,
  };
}

describe('while events cannot be stored', () => {
  it('a connection is not read any more, and all of its lines are stored once they can be', async () => {
    await doors.setStreamAway(true);
    await waitFor(() => {
      try {
        doors.intake.durables.current();
        return false;
      } catch {
        return true;
      }
    });
    const lines = someLines(20_000);
    const socket = await doors.openTcp(address);
    socket.write(lines.map((line) => `${line}\n`).join(''));
    await delay(1_500);
    const waiting = socket.writableLength;
    // The kernel's buffers took some of it, the door no more than its bound.
    expect(waiting).toBeGreaterThan(5_000_000);
    await delay(500);
    expect(socket.writableLength).toBe(waiting);
    await doors.setStreamAway(false);
    await waitFor(() => stored().lines === lines.length, { timeoutMs: 30_000 });
    expect(stored()).toEqual({ events: lines.length, lines: lines.length });
    socket.end();
  }, 60_000);

  it('datagrams are dropped beyond a bound, and the gap is recorded', async () => {
    await doors.setStreamAway(true);
    await doors.sendDatagrams(someLines(1_500, 8_000), address);
    await delay(300);
    await doors.setStreamAway(false);
    await doors.door.close();
    expect(doors.overflows).toHaveLength(1);
    const [{ sensor, lines, from, to } = { sensor: customer, lines: 0, from: 0, to: 0 }] =
      doors.overflows;
    expect(sensor).toMatchObject({ connectorId: customer.connectorId });
    expect(lines).toBeGreaterThan(0);
    expect(from <= to).toBe(true);
    // What was taken is stored: no more than the bound.
    expect(stored().lines).toBeGreaterThan(300);
    expect(stored().lines).toBeLessThanOrEqual(530);
  }, 30_000);
});

describe('a connection that is cut while it sends', () => {
  it('makes no event twice when its sender sends all of it again', async () => {
    const lines = someLines(5_000, 300);
    const text = lines.map((line) => `${line}\n`).join('');
    const first = await doors.openTcp(address);
    first.write(text.slice(0, 700_123));
    await waitFor(() => stored().lines > 500);
    first.resetAndDestroy();
    const second = await doors.openTcp(address);
    second.end(text);
    await waitFor(() => stored().lines === lines.length);
    expect(stored()).toEqual({ events: lines.length, lines: lines.length });
  });
});

describe('when the process ends', () => {
  it('what was read is stored first, and relays are told by the end of their connections', async () => {
    const lines = someLines(3_000, 500);
    const socket = await doors.openTcp(address);
    socket.write(lines.map((line) => `${line}\n`).join(''));
    await waitFor(() => stored().lines > 0);
    const ended = new Promise<void>((resolve) => {
      socket.resume().once('end', () => resolve());
    });
    await doors.door.close();
    await ended;
    expect(stored()).toEqual({ events: lines.length, lines: lines.length });
    await expect(doors.openTcp(address)).rejects.toThrow('ECONNREFUSED');
  });

  it('it waits for the stream, but not for ever', async () => {
    await doors.setStreamAway(true);
    const socket = await doors.openTcp(address);
    socket.write(`${someLines(10).join('\n')}\n`);
    await delay(300);
    const began = Date.now();
    await doors.door.close();
    expect(Date.now() - began).toBeLessThan(9_800);
  }, 20_000);
});
