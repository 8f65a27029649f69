export { attackVersion, findTechnique, phasesOf, tactics } from './attack.ts';
export { killChainPhases } from './attack.ts';
export type { KillChainPhase, Standing, Tactic, Technique } from './attack.ts';
