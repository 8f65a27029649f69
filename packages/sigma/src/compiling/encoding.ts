import { RuleRefusal } from '../reading/rule-refusal.ts';

export type Utf16Kind = 'utf16' | 'utf16le' | 'utf16be';

export function toUtf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** UTF-16 bytes; `utf16` is little endian after a byte order mark. */
export function toUtf16(text: string, kind: Utf16Kind): Uint8Array {
  const mark = kind === 'utf16' ? '\ufeff' : '';
  const units = mark + text;
  const bytes = new DataView(new ArrayBuffer(units.length * 2));
  for (let i = 0; i < units.length; i += 1)
    bytes.setUint16(i * 2, units.charCodeAt(i), kind !== 'utf16be');
  return new Uint8Array(bytes.buffer);
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/**
 * The text that stands in any base64 stream holding these bytes, for each of the three places they can have in a
 * group of three. A character that also depends on a neighbouring byte is left out.
 */
export function toBase64Offsets(bytes: Uint8Array): readonly string[] {
  const texts = [0, 1, 2].map((offset) => {
    const padded = new Uint8Array(offset + bytes.length);
    padded.set(bytes, offset);
    // 8 bits a byte, 6 a character: the first whole character, and the end of the last whole one.
    return toBase64(padded).slice(Math.ceil((offset * 8) / 6), Math.floor((padded.length * 8) / 6));
  });
  if (texts.some((text) => text === ''))
    throw new RuleRefusal('base64offset of a value that is too short');
  return texts;
}
