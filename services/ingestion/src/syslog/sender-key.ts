/** A line as it is kept, and the sensor key that stood in it. */
export interface KeyedLine {
  readonly text: string;
  /** Whatever stood where the key belongs; null where the line has no such element. */
  readonly key: string | null;
}

/** Under the enterprise number that RFC 5612 keeps for examples: we have none of our own. */
const elementStart = '[vedette@32473 ';
const keyElement = /^\[vedette@32473 key="([^"\\\]]*)"\]/;
/** PRI, version 1, and the five fields before the structured data (RFC 5424, section 6). */
const header = /^<\d{1,3}>1 (?:[^ ]{1,255} ){5}/;

/**
 * Takes the sensor key out of a line: `[vedette@32473 key="vsk_…"]` among its RFC 5424 structured data. Nowhere else:
 * what stands in a message is often somebody's whom the sender watches, and must not decide whose the line is.
 */
export function takeSenderKey(text: string): KeyedLine {
  const start = text.includes(elementStart) ? (header.exec(text)?.[0].length ?? -1) : -1;
  for (let at = start; at >= 0 && text[at] === '[';) {
    const end = findElementEnd(text, at);
    if (end < 0) break;
    if (text.startsWith(elementStart, at)) {
      const key = keyElement.exec(text.slice(at, end))?.[1] ?? '';
      const isOnlyElement = at === start && text[end] !== '[';
      return { key, text: text.slice(0, at) + (isOnlyElement ? '-' : '') + text.slice(end) };
    }
    at = end;
  }
  return { text, key: null };
}

/** Behind the bracket that closes an element; -1 where none does. In values `"`, `\` and `]` are escaped by `\`. */
function findElementEnd(text: string, start: number): number {
  let isQuoted = false;
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\\' && isQuoted) at += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === ']' && !isQuoted) return at + 1;
  }
  return -1;
}
