import { parseList, parseTimeOfDay, parseTimeZone, refuseInput } from '../input.ts';
import type { ResponseMode } from '../mandate/mandate.ts';
import type {
  ActionKind,
  ActionMode,
  NoAnswer,
  PolicyTerms,
  PolicyWindow,
} from './response-policy.ts';

export interface ResponsePolicyInput {
  readonly mode: ResponseMode;
  readonly whenUnanswered?: NoAnswer | null;
  readonly actionModes?: readonly ActionMode[] | null;
  readonly windows?: readonly PolicyWindowInput[] | null;
}

export interface PolicyWindowInput {
  readonly weekdays: readonly number[];
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
  readonly mode: ResponseMode;
}

const maxActionModes = 50;
const maxWindows = 20;

/** @throws {InvalidInputError} problems name fields under `path` */
export function parsePolicy(path: string, input: ResponsePolicyInput): PolicyTerms {
  const actions = new Set<ActionKind>();
  const parseActionMode = (place: string, { action, mode }: ActionMode): ActionMode => {
    if (actions.has(action)) refuseInput(`${place}.action`, `names ${action} a second time`);
    actions.add(action);
    return { action, mode };
  };
  return {
    mode: input.mode,
    whenUnanswered: input.whenUnanswered ?? 'HOLD',
    actionModes: parseList(
      `${path}.actionModes`,
      input.actionModes,
      maxActionModes,
      parseActionMode,
    ),
    windows: parseList(`${path}.windows`, input.windows, maxWindows, parseWindow),
  };
}

function parseWindow(path: string, input: PolicyWindowInput): PolicyWindow {
  return {
    weekdays: parseWeekdays(`${path}.weekdays`, input.weekdays),
    fromMinute: parseTimeOfDay(`${path}.from`, input.from),
    toMinute: parseTimeOfDay(`${path}.to`, input.to),
    timeZone: parseTimeZone(`${path}.timeZone`, input.timeZone),
    mode: input.mode,
  };
}

function parseWeekdays(path: string, weekdays: readonly number[]): number[] {
  const isWeek = weekdays.every((day) => Number.isInteger(day) && day >= 1 && day <= 7);
  if (weekdays.length === 0 || !isWeek || new Set(weekdays).size < weekdays.length) {
    refuseInput(path, 'does not name weekdays from 1 to 7, at least one and each once');
  }
  return weekdays.toSorted((one, other) => one - other);
}
