import type { StackSettings } from './config.ts';
import type { ProcessDefinition } from './processes.ts';

/** What a run of the local stack is made of. */
export interface StackOptions {
  /** The checkout, absolute. */
  readonly root: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly portBase: number;
  readonly processes: readonly ProcessDefinition[];
  /** Services that get a schema and roles. */
  readonly databaseServices: readonly string[];
  /** By process name; one where nothing is said. */
  readonly replicas: Readonly<Record<string, number>>;
  readonly settings: StackSettings;
  readonly onLine: (name: string, line: string) => void;
  readonly onProgress: (message: string) => void;
}
