/**
 * Text without its case: lower case, with the two lower-case sigmas made one, because which of them `toLowerCase` gives
 * depends on what follows, and the long s made an s, as Unicode's case folding and regular expressions have it.
 */
export function foldCase(text: string): string {
  const lower = text.toLowerCase();
  for (let at = 0; at < lower.length; at += 1) {
    if (lower.charCodeAt(at) > 127) {
      return lower.replaceAll('\u03c2', '\u03c3').replaceAll('\u017f', 's');
    }
  }
  return lower;
}
