import type { DraftFields } from '../record-fields.ts';
import { createFields, flattenInto } from '../record-fields.ts';
import { fromJson, textOf } from '../json-values.ts';

/** Sends a mailbox's mail to somebody else: ATT&CK T1114.003. */
const forwards = [
  'Parameters.ForwardTo',
  'Parameters.RedirectTo',
  'Parameters.ForwardAsAttachmentTo',
  'Parameters.ForwardingSmtpAddress',
  'Parameters.ForwardingAddress',
];
/** Keeps its owner from seeing mail: ATT&CK T1564.008. */
const hides = [
  'Parameters.DeleteMessage',
  'Parameters.SoftDeleteMessage',
  'Parameters.MoveToFolder',
];

const actions = 'OperationProperties.RuleActions';
const ruleOperations = /(?:^|-)(?:inboxrule|mailbox|updateinboxrules)$/;

/**
 * The techniques that a mailbox rule or setting serves, by what it does. Outlook tells its rules' actions as JSON
 * text, which is taken apart on the way.
 */
export function readMailboxRule(fields: DraftFields, operation: string): readonly string[] {
  if (!ruleOperations.test(operation.toLowerCase())) return [];
  const told = fromJson(fields[actions]);
  const held = createFields();
  if (typeof told === 'object' && told !== null) flattenInto(held, actions, told);
  for (const [name, value] of Object.entries(held)) fields[name] ??= value;
  const kinds = [fields[`${actions}.ActionType`] ?? []]
    .flat()
    .map((kind) => String(kind).toLowerCase());
  const doesForward =
    forwards.some((name) => isSet(fields[name])) ||
    kinds.some((kind) => kind.includes('forward') || kind.includes('redirect'));
  const doesHide =
    hides.some((name) => isSet(fields[name])) ||
    kinds.some((kind) => kind.includes('delete') || kind.includes('move'));
  return [...(doesForward ? ['T1114.003'] : []), ...(doesHide ? ['T1564.008'] : [])];
}

/** A parameter that was given, other than to switch it off. */
function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  const text = textOf(value);
  return value === true || (text !== null && text !== '$null' && text.toLowerCase() !== 'false');
}
