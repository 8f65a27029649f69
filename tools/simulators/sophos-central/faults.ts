import { z } from 'zod';

/** What can be made to go wrong, each for a number of calls. */
const faultKinds = [
  'RATE_LIMITED',
  'UNAUTHORIZED',
  'SERVER_ERROR',
  'DEAD_CURSOR',
  'SLOW',
  'DROPPED',
  'DUPLICATES',
] as const;

export const faultSchema = z.strictObject({
  kind: z.enum(faultKinds),
  /** Calls that it happens to. */
  times: z.int().min(1).max(10_000).default(1),
  /** Calls that go well before the first that it happens to. */
  after: z.int().min(0).max(10_000).default(0),
  /** Name of the operation that it happens to; default any but the token's. */
  operation: z.string().optional(),
  tenantId: z.uuid().optional(),
  /** RATE_LIMITED: what the answer says. */
  retryAfterSeconds: z.number().min(0).max(3_600).default(1),
  /** SLOW: how long the answer takes. */
  delayMs: z.int().min(0).max(120_000).default(1_000),
  /** SERVER_ERROR, DEAD_CURSOR: the status of the answer. */
  status: z.int().min(400).max(599).optional(),
});

export type Fault = z.output<typeof faultSchema>;

interface Call {
  readonly operation: string;
  readonly tenantId: string | null;
  /** Whether it goes on from an answer before it: with a cursor, or with a run's id. */
  readonly goesOn: boolean;
}

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  /** What happens to a call; each that is answered has one time less. */
  take(call: Call): readonly Fault[];
  /** Those that have not happened to the end. */
  pending(): readonly Fault[];
}

export function createFaults(): Faults {
  let faults: Fault[] = [];
  const concerns = (fault: Fault, call: Call): boolean =>
    (fault.operation === undefined
      ? call.operation !== 'token'
      : fault.operation === call.operation) &&
    (fault.tenantId === undefined || fault.tenantId === call.tenantId) &&
    (fault.kind !== 'DEAD_CURSOR' || call.goesOn) &&
    (fault.kind !== 'DUPLICATES' || call.operation.startsWith('siem'));
  return {
    add: (fault) => void faults.push(fault),
    clear: () => {
      faults = [];
    },
    take: (call) => {
      const taken = faults.filter((fault) => concerns(fault, call));
      faults = faults
        .map((fault) => {
          if (!taken.includes(fault)) return fault;
          return fault.after > 0
            ? { ...fault, after: fault.after - 1 }
            : { ...fault, times: fault.times - 1 };
        })
        .filter(({ times }) => times > 0);
      return taken.filter(({ after }) => after === 0);
    },
    pending: () => faults,
  };
}
