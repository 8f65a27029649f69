import { removeEndpoints, writeEndpoints, type Endpoints } from './endpoints.ts';
import { removeRunRecord, writeRunRecord, type RunRecord } from './run-record.ts';

/** Tells the other commands, and the scripts, what runs. */
export interface RunPublisher {
  /** Writes the present state: the run record, and `endpoints.json` once it was published. */
  update(): Promise<void>;
  /** The first `endpoints.json`; from now on each update writes it again. */
  publish(): Promise<Endpoints>;
  /** Takes back `endpoints.json`: what runs is no longer to be used. */
  withdraw(): Promise<void>;
  /** Forgets the run. */
  close(): Promise<void>;
}

export function createRunPublisher(
  dataDir: string,
  port: (offset: number) => number,
  toRecord: () => RunRecord,
): RunPublisher {
  let isPublished = false;
  // One write after the other, so that the last one tells the present.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = last.then(work);
    last = result.catch(() => null);
    return result;
  };
  return {
    update: () =>
      inTurn(async () => {
        await writeRunRecord(dataDir, toRecord());
        if (isPublished) await writeEndpoints(dataDir, port, toRecord());
      }),
    publish: () =>
      inTurn(() => {
        isPublished = true;
        return writeEndpoints(dataDir, port, toRecord());
      }),
    withdraw: () =>
      inTurn(() => {
        isPublished = false;
        return removeEndpoints(dataDir);
      }),
    close: () => inTurn(() => removeRunRecord(dataDir)),
  };
}
