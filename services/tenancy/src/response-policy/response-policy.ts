import { lowerToMandate } from '../mandate/mandate.ts';
import type { MandateTerms, ResponseMode } from '../mandate/mandate.ts';

/** What happens to a proposal that nobody answers. */
export type NoAnswer = 'HOLD' | 'ACT';

/** What can be done to a customer's estate. */
export type ActionKind =
  | 'ISOLATE_HOST'
  | 'RELEASE_HOST'
  | 'KILL_PROCESS'
  | 'QUARANTINE_FILE'
  | 'RESTORE_FILE'
  | 'BLOCK_HASH'
  | 'UNBLOCK_HASH'
  | 'BLOCK_DOMAIN'
  | 'UNBLOCK_DOMAIN'
  | 'BLOCK_IP'
  | 'UNBLOCK_IP'
  | 'DISABLE_USER'
  | 'ENABLE_USER'
  | 'REVOKE_SESSIONS'
  | 'START_SCAN'
  | 'LIVE_QUERY'
  | 'COLLECT_FORENSICS';

/** Another mode for one kind of action. */
export interface ActionMode {
  readonly action: ActionKind;
  readonly mode: ResponseMode;
}

/** Another mode at certain hours of the week, by the clocks of a place. */
export interface PolicyWindow {
  /** ISO weekdays on which it begins; Monday is 1. */
  readonly weekdays: readonly number[];
  /** Minutes since midnight. */
  readonly fromMinute: number;
  /** The first minute after it; at or before the begin it is on the next day. */
  readonly toMinute: number;
  /** IANA name. */
  readonly timeZone: string;
  readonly mode: ResponseMode;
}

/** What somebody wants to be done. */
export interface PolicyTerms {
  /** How far to go when nothing below says otherwise. */
  readonly mode: ResponseMode;
  readonly whenUnanswered: NoAnswer;
  /** Each kind of action at most once. They come before everything else. */
  readonly actionModes: readonly ActionMode[];
  /** The first that holds comes before `mode`. */
  readonly windows: readonly PolicyWindow[];
}

/** What we may do at a customer. */
export interface EffectivePolicy extends PolicyTerms {
  /** The mandate in force that it rests on. */
  readonly mandate: MandateTerms | null;
  readonly source: 'CUSTOMER' | 'PROVIDER' | 'NONE';
  /** Whether the mandate allows less than the policy asks for. */
  readonly isLowered: boolean;
}

/** What holds where nobody has said anything. */
export const notifyOnly: PolicyTerms = {
  mode: 'NOTIFY',
  whenUnanswered: 'HOLD',
  actionModes: [],
  windows: [],
};

export interface PolicyGround {
  /** The mandate in force. */
  readonly mandate: MandateTerms | null;
  readonly customerPolicy: PolicyTerms | null;
  readonly providerPolicy: PolicyTerms | null;
}

/**
 * What we may do at a customer: its own policy, else its provider's, else NOTIFY; each of its modes
 * lowered to the mandate's highest, and without a mandate to NOTIFY; acting unanswered only where the
 * mandate opted in and allows more than NOTIFY. Where all is NOTIFY exceptions from it say nothing and are left out.
 */
export function effectivePolicy(ground: PolicyGround): EffectivePolicy {
  const { mandate, customerPolicy, providerPolicy } = ground;
  const wanted = customerPolicy ?? providerPolicy ?? notifyOnly;
  const own = customerPolicy ? 'CUSTOMER' : 'PROVIDER';
  return {
    ...lowerPolicy(wanted, mandate),
    mandate,
    source: wanted === notifyOnly ? 'NONE' : own,
    isLowered: findExcess(wanted, mandate).length > 0,
  };
}

function lowerPolicy(policy: PolicyTerms, mandate: MandateTerms | null): PolicyTerms {
  const lower = <Part extends { readonly mode: ResponseMode }>(part: Part): Part => ({
    ...part,
    mode: lowerToMandate(part.mode, mandate),
  });
  const isNotifyOnly = lowerToMandate('AUTHORIZE', mandate) === 'NOTIFY';
  return {
    mode: lower(policy).mode,
    whenUnanswered: mandate?.mayActUnanswered && !isNotifyOnly ? policy.whenUnanswered : 'HOLD',
    actionModes: isNotifyOnly ? [] : policy.actionModes.map(lower),
    windows: isNotifyOnly ? [] : policy.windows.map(lower),
  };
}

/** A part of a policy that is above a mandate. */
export interface Excess {
  /** Dotted, such as `windows.0.mode`. */
  readonly path: string;
  readonly problem: string;
}

/** Every part of a policy that is above the mandate in force. */
export function findExcess(policy: PolicyTerms, mandate: MandateTerms | null): readonly Excess[] {
  const parts = [
    { path: 'mode', mode: policy.mode },
    ...policy.actionModes.map(({ mode }, index) => ({ path: `actionModes.${index}.mode`, mode })),
    ...policy.windows.map(({ mode }, index) => ({ path: `windows.${index}.mode`, mode })),
  ];
  const above = parts.filter(({ mode }) => lowerToMandate(mode, mandate) !== mode);
  const highest = mandate
    ? `the mandate's highest mode is ${mandate.highestMode}`
    : 'no mandate is in force, and the highest mode is NOTIFY';
  const excess = above.map(({ path }) => ({ path, problem: highest }));
  if (policy.whenUnanswered === 'HOLD') return excess;
  if (mandate?.mayActUnanswered !== true) {
    const problem = 'no mandate in force opted in to ACT';
    return [...excess, { path: 'whenUnanswered', problem }];
  }
  // Who may only tell acts for nobody, whatever was opted in to.
  if (mandate.highestMode !== 'NOTIFY') return excess;
  return [...excess, { path: 'whenUnanswered', problem: highest }];
}

/**
 * The mode that a policy has at an instant: the action's own, else that of the first window that
 * holds, else its base.
 */
export function modeAt(policy: PolicyTerms, instant: Date, action?: ActionKind): ResponseMode {
  const ownMode = policy.actionModes.find((each) => each.action === action)?.mode;
  return ownMode ?? policy.windows.find((each) => holdsAt(each, instant))?.mode ?? policy.mode;
}

/**
 * Windows are read off the clocks of their zone: what those skip when summer begins holds for nobody,
 * and what they show twice when it ends holds twice.
 */
function holdsAt(window: PolicyWindow, instant: Date): boolean {
  const { weekday, minute } = clockAt(window.timeZone, instant);
  const { weekdays, fromMinute, toMinute } = window;
  const beginsOn = (day: number): boolean => weekdays.includes(day);
  if (fromMinute < toMinute) {
    return beginsOn(weekday) && minute >= fromMinute && minute < toMinute;
  }
  const yesterday = weekday === 1 ? 7 : weekday - 1;
  return (beginsOn(weekday) && minute >= fromMinute) || (beginsOn(yesterday) && minute < toMinute);
}

const weekdayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** By zone, since making one takes a hundred times as long as using it; there are about 600 zones. */
const clocks = new Map<string, Intl.DateTimeFormat>();
const maxClocks = 1_000;

function clockAt(timeZone: string, instant: Date): { weekday: number; minute: number } {
  const clock = clocks.get(timeZone) ?? createClock(timeZone);
  if (clocks.size >= maxClocks) clocks.clear();
  clocks.set(timeZone, clock);
  const parts = new Map(clock.formatToParts(instant).map(({ type, value }) => [type, value]));
  return {
    weekday: weekdayNames.indexOf(parts.get('weekday') ?? '') + 1,
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  };
}

function createClock(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
}
