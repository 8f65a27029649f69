/** A line as it came, without what ends it. */
export interface FramedLine {
  readonly bytes: Buffer;
  /** Why it is not whole: longer than a line may be, or its connection ended first. */
  readonly fault: 'TOO_LONG' | 'CUT_OFF' | null;
}

type TakeLine = (line: FramedLine) => void;

/** `UNKNOWN` until enough has come to tell. */
type Framing = 'UNKNOWN' | 'COUNTED' | 'LINES';

export interface LineFramer {
  /** Takes what was read from a connection, in pieces of any size, and hands over the lines that are complete. */
  push(chunk: Buffer, take: TakeLine): void;
  /** The connection is over; `isOrderly` when its sender has closed it, so that the last line needs no end. */
  end(isOrderly: boolean, take: TakeLine): void;
  /** Whether a line has begun that is not complete. */
  readonly hasRest: boolean;
}

const newline = 0x0a;
/** A count of more digits is no count. */
const maxCountDigits = 7;

/**
 * Finds the lines of a connection by whichever of the two ways of RFC 6587 its sender uses, which its first bytes tell:
 * a count of bytes and a space before the `<` of each message, or else a newline after each.
 * @param maxLineBytes of a longer line so many bytes are handed over as `TOO_LONG`, and the rest is skipped
 */
export function createLineFramer(maxLineBytes: number, known: Framing = 'UNKNOWN'): LineFramer {
  let framing = known;
  let rest = Buffer.alloc(0);
  /** Bytes still to come of a counted message that was cut. */
  let countedSkip = 0;
  /** A line was cut, and its end is still to come. */
  let isSkipping = false;
  /** How much of `rest` is known to hold no newline. */
  let scanned = 0;

  /** Each of these answers where to go on, or -1 until more has come. */
  const takeLine = (buffer: Buffer, at: number, take: TakeLine): number => {
    const end = buffer.indexOf(newline, at + scanned);
    scanned = 0;
    if (end >= 0) {
      if (!isSkipping) emit(buffer.subarray(at, end), take);
      isSkipping = false;
      return end + 1;
    }
    const length = buffer.length - at;
    if (!isSkipping && length <= maxLineBytes) {
      scanned = length;
      return -1;
    }
    if (!isSkipping) emit(buffer.subarray(at), take);
    isSkipping = true;
    return buffer.length;
  };
  const takeCounted = (buffer: Buffer, at: number, take: TakeLine): number => {
    if (isSkipping || scanned > 0) return takeLine(buffer, at, take);
    // Some senders end their counted messages with a newline all the same.
    if (isLineEnd(buffer[at])) return at + 1;
    const count = readCount(buffer, at);
    if (count === null) return -1;
    // Whatever stands where a count belongs is a line up to the next newline: nothing is lost by a wrong count.
    if (count === 'NONE') return takeLine(buffer, at, take);
    const end = count.start + count.bytes;
    const isTooLong = count.bytes > maxLineBytes;
    if (buffer.length < (isTooLong ? count.start + maxLineBytes + 1 : end)) return -1;
    emit(buffer.subarray(count.start, end), take);
    countedSkip = Math.max(0, end - buffer.length);
    return Math.min(end, buffer.length);
  };
  const emit = (bytes: Buffer, take: TakeLine): void => {
    if (bytes.length > maxLineBytes) {
      take({ bytes: bytes.subarray(0, maxLineBytes), fault: 'TOO_LONG' });
      return;
    }
    const line = trimEnd(bytes);
    if (line.length > 0) take({ bytes: line, fault: null });
  };
  return {
    get hasRest() {
      return rest.length > 0 || isSkipping || countedSkip > 0;
    },
    push: (chunk, take) => {
      const buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = Math.min(countedSkip, buffer.length);
      countedSkip -= at;
      while (at < buffer.length) {
        if (framing === 'UNKNOWN') framing = detectFraming(buffer, at);
        if (framing === 'UNKNOWN') break;
        const next = (framing === 'COUNTED' ? takeCounted : takeLine)(buffer, at, take);
        if (next < 0) break;
        at = next;
      }
      // A copy: a few bytes must not keep all that was read with them.
      rest = Buffer.from(buffer.subarray(at));
    },
    end: (isOrderly, take) => {
      const bytes = trimEnd(rest);
      rest = Buffer.alloc(0);
      if (bytes.length === 0 || isSkipping) return;
      const isWhole = isOrderly && framing !== 'COUNTED';
      take({ bytes: bytes.subarray(0, maxLineBytes), fault: isWhole ? null : 'CUT_OFF' });
    },
  };
}

/** Where a message begins and how long it is; null until its count is complete. */
function readCount(
  buffer: Buffer,
  at: number,
): { readonly start: number; readonly bytes: number } | 'NONE' | null {
  let bytes = 0;
  for (let digits = 0; digits <= maxCountDigits; digits += 1) {
    const byte = buffer[at + digits];
    if (byte === undefined) return null;
    if (byte === 0x20 && digits > 0) return { start: at + digits + 1, bytes };
    const isDigit = byte >= (digits === 0 ? 0x31 : 0x30) && byte <= 0x39;
    if (!isDigit) return 'NONE';
    bytes = bytes * 10 + (byte - 0x30);
  }
  return 'NONE';
}

function detectFraming(buffer: Buffer, at: number): Framing {
  const count = readCount(buffer, at);
  if (count === 'NONE') return 'LINES';
  if (count === null || buffer.length <= count.start) return 'UNKNOWN';
  return buffer[count.start] === 0x3c ? 'COUNTED' : 'LINES';
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === newline || byte === 0x0d || byte === 0;
}

/** Without carriage returns, newlines and the NUL that some senders end a message with. */
function trimEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && isLineEnd(bytes[end - 1])) end -= 1;
  return end === bytes.length ? bytes : bytes.subarray(0, end);
}
