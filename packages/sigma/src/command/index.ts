export { sigma } from './sigma.ts';
export { datasetName, readNdjson } from './ndjson.ts';
export type { NdjsonLine } from './ndjson.ts';
export { toSigmaEvent } from './record-layout.ts';
export { readLogsourceMap, readRuleSources } from './rule-files.ts';
