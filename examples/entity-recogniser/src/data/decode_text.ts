import {DataError} from './data_error.js';

/**
 * The lines of a UTF-8 file, without byte order mark and line ends. Throws `DataError` at the first bytes that are not
 * UTF-8.
 */
export function decodeLines(bytes: Uint8Array, file: string): string[] {
  const decoder = new TextDecoder('utf-8', {fatal: true});
  try {
    return splitLines(decoder.decode(bytes));
  } catch {
    throw new DataError(file, [{line: firstInvalidLine(bytes), reason: 'not valid UTF-8; convert the file first'}]);
  }
}

const splitLines = (text: string): string[] => text.replace(/\r?\n$/, '').split(/\r?\n/);

function firstInvalidLine(bytes: Uint8Array): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const lineFeed = bytes.indexOf(0x0a, start);
    const end = lineFeed < 0 ? bytes.length : lineFeed;
    try {
      new TextDecoder('utf-8', {fatal: true}).decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end + 1;
  }
  return line;
}
