import type { Customer } from '../customer/customer.ts';
import type { Mandate } from '../mandate/mandate.ts';

export type ReadinessCondition =
  'MANDATE' | 'REACHABLE_LADDER' | 'CONNECTORS_REPORTING' | 'COVERAGE';

export type ReadinessState = 'MET' | 'MISSING' | 'NOT_MEASURED';

/** One of the conditions that must hold before a customer is protected. */
export interface Readiness {
  readonly condition: ReadinessCondition;
  readonly state: ReadinessState;
  /** Since when it has held; null while it does not. */
  readonly since: Date | null;
  /** Empty when it is met. */
  readonly explanation: string;
}

/** What is known of one of a customer's connectors. */
export interface Connector {
  /** Since when its sensor has had a key that works; null while there is none. */
  readonly keyedAt: Date | null;
  /** When it showed something of the estate for the first time since; null while that is not known. */
  readonly reportedAt: Date | null;
}

/** What readiness is worked out from. */
export interface ReadinessGround {
  /** The mandate in force. */
  readonly mandate: Pick<Mandate, 'validFrom' | 'recordedAt'> | null;
  readonly rungs: number;
  readonly connectors: readonly Connector[];
}

/**
 * The state of each condition. What nobody has measured yet is not met: test calls come with the
 * response service, coverage with the health check, which will also notice who has fallen silent.
 */
export function readinessOf(ground: ReadinessGround): readonly Readiness[] {
  return [
    mandateReadiness(ground),
    ladderReadiness(ground),
    connectorReadiness(ground),
    notMeasured('COVERAGE', 'How much of the estate is seen has not been measured.'),
  ];
}

/** Since when every condition has held at a customer that is served; null while one does not. */
export function protectedSince(
  { status }: Pick<Customer, 'status'>,
  readiness: readonly Readiness[],
): Date | null {
  if (status !== 'ACTIVE') return null;
  return readiness.reduce<Date | null>((latest, { state, since }) => {
    if (latest === null || state !== 'MET' || since === null) return null;
    return since > latest ? since : latest;
  }, new Date(0));
}

/** A mandate that was recorded after its first day has not been ours to act on before. */
function mandateReadiness({ mandate }: ReadinessGround): Readiness {
  if (!mandate) return missing('MANDATE', 'No mandate is in force.');
  const { validFrom, recordedAt } = mandate;
  return met('MANDATE', validFrom > recordedAt ? validFrom : recordedAt);
}

function ladderReadiness({ rungs }: ReadinessGround): Readiness {
  if (rungs === 0) return missing('REACHABLE_LADDER', 'Nobody is on the contact ladder.');
  return notMeasured('REACHABLE_LADDER', 'Nobody on the ladder has answered a test call yet.');
}

function connectorReadiness({ connectors }: ReadinessGround): Readiness {
  const all = connectors.length;
  if (all === 0) return missing('CONNECTORS_REPORTING', 'There is no connector.');
  const mute = connectors.filter(({ keyedAt }) => keyedAt === null).length;
  if (mute > 0) {
    const which = `Connectors without a key that works: ${mute} of ${all}.`;
    return missing('CONNECTORS_REPORTING', which);
  }
  const reports = connectors.flatMap(({ reportedAt }) => reportedAt ?? []);
  if (reports.length === all) {
    return met('CONNECTORS_REPORTING', new Date(Math.max(...reports.map(Number))));
  }
  const unseen = `${all - reports.length} of ${all}`;
  return notMeasured(
    'CONNECTORS_REPORTING',
    `Connectors not known to have shown anything of the estate: ${unseen}.`,
  );
}

function met(condition: ReadinessCondition, since: Date): Readiness {
  return { condition, state: 'MET', since, explanation: '' };
}

function missing(condition: ReadinessCondition, explanation: string): Readiness {
  return { condition, state: 'MISSING', since: null, explanation };
}

function notMeasured(condition: ReadinessCondition, explanation: string): Readiness {
  return { condition, state: 'NOT_MEASURED', since: null, explanation };
}
