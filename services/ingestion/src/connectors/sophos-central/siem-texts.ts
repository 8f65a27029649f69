/** What the text of an event or alert says, taken apart. */
export interface TextParts {
  readonly threat?: string;
  readonly path?: string;
  readonly application?: string;
  readonly category?: string;
  readonly site?: string;
  readonly reason?: string;
  /** Parts of a data loss event: `Source path` is `source_path`. */
  readonly dlp?: ReadonlyMap<string, string>;
}

/** Longer text than this is no sentence of the vendor's. */
const maxLength = 8192;
const maxDlpParts = 32;

/**
 * Takes the sentence of an event apart. The vendor swaps `/` for U+2215 and quotes for primes in some; they are put
 * back here, the event keeps the sentence as it came. Scans by position: nothing here is quadratic.
 */
export function readSentence(sentence: string): TextParts {
  if (sentence.length > maxLength) return {};
  const text = plain(sentence);
  return (
    readDataLoss(text) ??
    readThreat(text) ??
    readExploit(text) ??
    readWeb(text) ??
    readApplication(text) ??
    {}
  );
}

/** Quotes and slashes as a keyboard has them. */
function plain(text: string): string {
  return text
    .replaceAll('\u2215', '/')
    .replaceAll(/[\u2033\u201c\u201d]/g, '"')
    .replaceAll(/[\u2032\u2018\u2019]/g, "'");
}

/** `… detected: 'Mal/X' at 'C:\…'`; a path may hold an apostrophe, so it ends at the last quote. */
function readThreat(text: string): TextParts | null {
  const at = text.indexOf("' at '");
  const from = text.lastIndexOf("'", at - 1);
  const end = text.lastIndexOf("'");
  if (at < 1 || from < 0) return null;
  const path = end > at + 5 ? text.slice(at + 6, end) : text.slice(at + 6);
  return { threat: text.slice(from + 1, at), path };
}

/** `'Lockdown' exploit prevented in Adobe Reader`. */
function readExploit(text: string): TextParts | null {
  const marker = ' exploit prevented in ';
  const at = text.indexOf(marker);
  if (at < 0) return null;
  const technique = text.slice(0, at).replaceAll("'", '').trim();
  const application = text
    .slice(at + marker.length)
    .replaceAll("'", '')
    .trim();
  return { threat: technique, application };
}

/** `Access was blocked to "site" because of "reason".`; the quotes may be missing. */
function readWeb(text: string): TextParts | null {
  const match = /^Access was blocked to ("?)([^"\s]+)\1(?: because of "?([^"]+?)"?\.?)?$/.exec(
    text,
  );
  if (match === null) return null;
  const [, , site = '', reason] = match;
  return { site, ...(reason !== undefined && { reason }) };
}

/** `Controlled application blocked: NAME (CATEGORY)`. */
function readApplication(text: string): TextParts | null {
  const at = text.indexOf(': ');
  if (at < 0 || !text.startsWith('Controlled application ')) return null;
  const rest = text.slice(at + 2);
  const open = rest.lastIndexOf(' (');
  if (open < 0 || !rest.endsWith(')')) return { application: rest };
  return { application: rest.slice(0, open), category: rest.slice(open + 2, -1) };
}

/** `An "allow file transfer" action was taken.  Username: …  Rule names: '…'  …`, parts two spaces apart. */
function readDataLoss(text: string): TextParts | null {
  const marker = '" action was taken.';
  const at = text.indexOf(marker);
  if (at < 0) return null;
  const dlp = new Map([['action', text.slice(text.lastIndexOf('"', at - 1) + 1, at)]]);
  for (const part of text.slice(at + marker.length).split('  ', maxDlpParts)) {
    const colon = part.indexOf(': ');
    if (colon < 1 || colon > 64) continue;
    const name = part.slice(0, colon).trim().toLowerCase().replaceAll(/\s+/g, '_');
    dlp.set(name, unquoted(part.slice(colon + 2).trim()));
  }
  const path = dlp.get('source_path');
  const application = dlp.get('application_name');
  return {
    dlp,
    ...(path !== undefined && { path }),
    ...(application !== undefined && { application }),
  };
}

function unquoted(text: string): string {
  return text.startsWith("'") && text.endsWith("'") && text.length > 1 ? text.slice(1, -1) : text;
}
