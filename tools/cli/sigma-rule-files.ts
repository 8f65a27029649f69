export { readLogsourceMap, readRuleSources } from '@vedette/sigma/command';
