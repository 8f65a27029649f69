/**
 * The number that a text writes in decimals, or undefined. `Number` would also take hexadecimal, blanks and the empty text.
 */
export function parseNumber(text: string): number | undefined {
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text) ? Number(text) : undefined;
}
