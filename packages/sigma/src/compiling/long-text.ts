/** Up to this length `includes` is faster even where a value is made to slow it down. */
const MAX_SHORT_CHARS = 256;

/**
 * Whether a value holds the text, in time linear in the value however long the text is (Knuth, Morris and Pratt, 1977).
 * `includes` takes the product of both lengths at worst.
 */
export function holding(text: string): (value: string) => boolean {
  if (text.length <= MAX_SHORT_CHARS) return (value) => value.includes(text);
  const borders = bordersOf(text);
  return (value) => {
    let matched = 0;
    for (let at = 0; at < value.length; at += 1) {
      const code = value.charCodeAt(at);
      while (matched > 0 && text.charCodeAt(matched) !== code) matched = borders[matched - 1] ?? 0;
      if (text.charCodeAt(matched) === code) matched += 1;
      if (matched === text.length) return true;
    }
    return false;
  };
}

/** By prefix: the length of the longest proper prefix that is also its suffix. */
function bordersOf(text: string): Int32Array {
  const borders = new Int32Array(text.length);
  let length = 0;
  for (let at = 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    while (length > 0 && text.charCodeAt(length) !== code) length = borders[length - 1] ?? 0;
    if (text.charCodeAt(length) === code) length += 1;
    borders[at] = length;
  }
  return borders;
}
