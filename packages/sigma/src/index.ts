export { compileRules, compileRulesInSteps } from './rule-set.ts';
export type { Compiled, CompileOptions, Match, RuleCost, RuleSet } from './rule-set.ts';
export type { RuleSource } from './reading/rule-document.ts';
export type { RefusedRule } from './reading/refused-rule.ts';
export { LEVELS } from './reading/rule.ts';
export type { Level, RuleHead, SigmaRule, Status } from './reading/rule.ts';
export type { CorrelationType, SigmaCorrelation } from './correlating/correlation.ts';
export type { Bound, CorrelationCondition } from './reading/correlation-condition.ts';
export type { Placeholders } from './reading/placeholder.ts';
export type { FieldMatch } from './compiling/predicate.ts';
export type { SigmaEvent } from './matching/event-view.ts';
export { recordEvent } from './matching/record-event.ts';
export { defaultLogsourceMap } from './reading/logsource-table.ts';
export { InvalidLogsourceMapError, parseLogsourceMap } from './reading/logsource-map-file.ts';
export type {
  EventSelector,
  Logsource,
  LogsourceBinding,
  LogsourceMap,
} from './reading/logsource.ts';
export { createCorrelator } from './correlating/correlator.ts';
export type {
  Correlator,
  CorrelatorCounts,
  CorrelatorOptions,
  Observation,
} from './correlating/correlator.ts';
export type { CorrelationMatch } from './correlating/correlation-match.ts';
export type {
  CorrelationState,
  CorrelatorState,
  GroupState,
} from './correlating/correlator-state.ts';
