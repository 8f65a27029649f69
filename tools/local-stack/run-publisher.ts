import { removeEndpoints, writeEndpoints, type Endpoints } from './endpoints.ts';
import { obtainTokens } from './tokens.ts';
import { removeRunRecord, writeRunRecord, type RunRecord } from './run-record.ts';

/** Tells the other commands, and the scripts, what runs. */
export interface RunPublisher {
  /** Writes the present state: the run record, and `endpoints.json` once it was published. */
  update(): Promise<void>;
  /** The first `endpoints.json`, with fresh tokens; from now on each update writes it again. */
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
  /** Null while nothing is published. */
  let principals: Endpoints['principals'] | null = null;
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
        if (principals !== null) await writeEndpoints(dataDir, port, toRecord(), principals);
      }),
    publish: () =>
      inTurn(async () => {
        principals = await obtainTokens(dataDir, toRecord());
        return writeEndpoints(dataDir, port, toRecord(), principals);
      }),
    withdraw: () =>
      inTurn(() => {
        principals = null;
        return removeEndpoints(dataDir);
      }),
    close: () => inTurn(() => removeRunRecord(dataDir)),
  };
}
