import type { CorrelatorState } from '@vedette/sigma';

/** Escapes that JSON allows and PostgreSQL's jsonb refuses: NUL, and half of a character. */
const maybeUnstorable = /\\u(0000|d[89a-f])/;
const unstorable = /\0|[\uD800-\uDFFF]/u;

/** Stands for a text that jsonb cannot hold: its JSON, which is plain. */
interface EscapedText {
  readonly escaped: string;
}

/**
 * A state as jsonb can hold it. Values of events are in it, with whatever their sender put there, and no
 * two different ones may become the same.
 */
export function toStateText(state: CorrelatorState): string {
  const text = JSON.stringify(state);
  if (!maybeUnstorable.test(text)) return text;
  return JSON.stringify(state, (_, value: unknown): unknown =>
    typeof value === 'string' && unstorable.test(value)
      ? ({ escaped: JSON.stringify(value) } satisfies EscapedText)
      : value,
  );
}

/** What {@link toStateText} wrote, as the database answers it. */
export function fromStateText(text: string): CorrelatorState {
  if (!text.includes('"escaped"')) return JSON.parse(text) as CorrelatorState;
  return JSON.parse(text, (_, value: unknown) =>
    isEscaped(value) ? (JSON.parse(value.escaped) as unknown) : value,
  ) as CorrelatorState;
}

function isEscaped(value: unknown): value is EscapedText {
  return (
    typeof value === 'object' &&
    value !== null &&
    'escaped' in value &&
    typeof value.escaped === 'string'
  );
}
