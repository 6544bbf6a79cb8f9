/** @file Records of CSV and TSV files (RFC 4180). A faulty record costs its first line; reading goes on with the line after. */
import { decodeUtf8 } from './text.ts';

/** A record, or why there is none, with the line it begins at (counted from 1). */
export type CsvRecord =
  | { readonly line: number; readonly fields: readonly string[] }
  | { readonly line: number; readonly fault: 'encoding' | 'quote' };

export interface CsvOptions {
  /** What parts the fields. */
  readonly delimiter: string;
  /** Whether `"` at the start of a field encloses it (`""` within is one quote), or is plain text. */
  readonly quotes: boolean;
}

const LF = 10;
const CR = 13;
const QUOTE = 34;

/** A quoted field longer than this was never closed. It bounds what one stray quote can swallow, and the time to tell. */
const LONGEST_FIELD = 100_000;

/**
 * Goes through the records of a file. Lines end in LF or CR LF, or in CR alone where the file has no LF; empty lines are
 * skipped. A quote within a field that does not begin with one is plain text.
 */
export function* csvRecords(bytes: Buffer, { delimiter, quotes }: CsvOptions): Generator<CsvRecord> {
  const mark = Buffer.from(delimiter);
  const end = bytes.includes(LF) ? LF : CR;
  let line = 1;
  // A byte order mark is no part of the first field.
  let position = bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0;
  while (position < bytes.length) {
    const lineEnd = endOfLine(bytes, position, end);
    if (isEmpty(bytes, position, lineEnd)) {
      position = lineEnd + 1;
      line += 1;
      continue;
    }
    const record = recordAt(bytes, position, mark, quotes, end);
    if (record === undefined) {
      yield { line, fault: 'quote' };
      position = lineEnd + 1;
      line += 1;
      continue;
    }
    const fields = record.fields.map(decodeUtf8);
    yield fields.every((field) => field !== undefined) ? { line, fields } : { line, fault: 'encoding' };
    line += countOf(bytes, end, position, record.next);
    position = record.next;
  }
}

function endOfLine(bytes: Buffer, position: number, end: number): number {
  const found = bytes.indexOf(end, position);
  return found < 0 ? bytes.length : found;
}

function isEmpty(bytes: Buffer, begin: number, end: number): boolean {
  return end === begin || (end === begin + 1 && bytes[begin] === CR);
}

function countOf(bytes: Buffer, byte: number, begin: number, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(byte, begin); at >= 0 && at < end; at = bytes.indexOf(byte, at + 1)) count += 1;
  return count;
}

/** The fields of the record at a position and where the next begins; undefined if a quote is not closed properly. */
function recordAt(
  bytes: Buffer,
  begin: number,
  mark: Buffer,
  quotes: boolean,
  end: number,
): { readonly fields: Buffer[]; readonly next: number } | undefined {
  const fields: Buffer[] = [];
  for (let position = begin; ; position += mark.length) {
    const quoted = quotes && bytes[position] === QUOTE ? closingQuote(bytes, position + 1) : undefined;
    if (quoted === -1) return undefined;
    const after = quoted === undefined ? position : quoted + 1;
    const lineEnd = endOfLine(bytes, after, end);
    const rest = bytes.subarray(after, lineEnd);
    const parted = rest.indexOf(mark);
    const last = parted < 0;
    // The CR of a CR LF belongs to the end of the line.
    const length = last ? rest.length - (end === LF && rest.at(-1) === CR ? 1 : 0) : parted;
    if (quoted !== undefined && length > 0) return undefined;
    fields.push(quoted === undefined ? rest.subarray(0, length) : unescaped(bytes.subarray(position + 1, quoted)));
    if (last) return { fields, next: lineEnd + 1 };
    position = after + parted;
  }
}

/** Where the quote is that closes a field, or -1. */
function closingQuote(bytes: Buffer, begin: number): number {
  const window = bytes.subarray(0, begin + LONGEST_FIELD);
  let found = window.indexOf(QUOTE, begin);
  while (found >= 0 && bytes[found + 1] === QUOTE) found = window.indexOf(QUOTE, found + 2);
  return found;
}

/** The bytes of a quoted field, `""` being one quote. Quotes are single bytes in UTF-8, and Latin-1 keeps all bytes. */
function unescaped(field: Buffer): Buffer {
  return field.includes(QUOTE) ? Buffer.from(field.toString('latin1').replaceAll('""', '"'), 'latin1') : field;
}
