export { readNdjson } from '@vedette/sigma/command';
export type { NdjsonLine } from '@vedette/sigma/command';
