/** @file Text files: strict UTF-8, whole or line by line, with the line of a fault. */
import { constants } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { DiptychError } from '../errors/error.ts';
import { allocate, openForReading, readFully } from './bytes.ts';
import { unreadable } from './failures.ts';

const strict = new TextDecoder('utf-8', { fatal: true });

/** The text of UTF-8 bytes without a leading byte order mark, or undefined if they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Reads a whole text file.
 *
 * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE, DIPTYCH_FILE_TOO_LARGE, DIPTYCH_FILE_ENCODING
 */
export async function readText(path: string): Promise<string> {
  const bytes = await readBytes(path);
  if (bytes.length > constants.MAX_STRING_LENGTH) {
    throw new DiptychError('DIPTYCH_FILE_TOO_LARGE', { path, bytes: bytes.length });
  }
  return decodeUtf8(bytes) ?? notUtf8(path, bytes);
}

/**
 * Reads a whole file.
 *
 * @param limit most bytes it may have; as many as fit in memory unless given
 * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE, DIPTYCH_FILE_TOO_LARGE
 */
export async function readBytes(path: string, limit = Number.POSITIVE_INFINITY): Promise<Uint8Array<ArrayBuffer>> {
  const { handle, size } = await openForReading(path);
  try {
    if (size > limit) throw new DiptychError('DIPTYCH_FILE_TOO_LARGE', { path, bytes: size });
    const bytes = allocate(path, size, () => new Uint8Array(size));
    return bytes.subarray(0, await readFully(handle, bytes, 0));
  } finally {
    await handle.close();
  }
}

/** One line of a file, without its end. */
export interface Line {
  /** Counted from 1. */
  readonly line: number;
  /** Undefined if its bytes are not UTF-8. */
  readonly text: string | undefined;
}

/** A line longer than this is no text that people or programs write; reading it whole could exhaust memory. */
const LONGEST_LINE = 2 ** 26;

/**
 * Reads lines one by one, so that files larger than memory serve. Ends are LF or CR LF; an empty last line is no line.
 *
 * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE, DIPTYCH_FILE_TOO_LARGE for a line of over 64 MiB
 */
export async function* readLines(path: string): AsyncGenerator<Line> {
  await (await openForReading(path)).handle.close();
  let line = 0;
  let rest: Uint8Array = new Uint8Array(0);
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
      const bytes: Uint8Array = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let begin = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, begin)) {
        line += 1;
        yield { line, text: textOf(bytes.subarray(begin, end)) };
        begin = end + 1;
      }
      rest = bytes.subarray(begin);
      if (rest.length > LONGEST_LINE) throw new DiptychError('DIPTYCH_FILE_TOO_LARGE', { path, bytes: rest.length });
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
  if (rest.length > 0) yield { line: line + 1, text: textOf(rest) };
}

function textOf(bytes: Uint8Array): string | undefined {
  return decodeUtf8(bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes);
}

function notUtf8(path: string, bytes: Uint8Array): never {
  let line = 1;
  let begin = 0;
  for (let end = bytes.indexOf(10); end >= 0 && decodeUtf8(bytes.subarray(begin, end)) !== undefined; line++) {
    begin = end + 1;
    end = bytes.indexOf(10, begin);
  }
  throw new DiptychError('DIPTYCH_FILE_ENCODING', { path, line });
}
