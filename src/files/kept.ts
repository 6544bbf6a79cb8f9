/** @file Tensors that took long to make, kept in a folder: made again where the file is not there, or follows from something else. */
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isDiptychError } from '../errors/error.ts';
import { readSafetensors, type StoredTensor, writeSafetensors } from './safetensors.ts';

export type KeptTensors = ReadonlyMap<string, StoredTensor>;

/** What is kept, and what it follows from. */
export interface Kept {
  /** First part of the file's name. */
  readonly kind: string;
  /** Everything that the tensors depend on. */
  readonly identity: string;
  /** Told what could not be read or written. */
  readonly note: (line: string) => void;
}

/** Where the system keeps what can be made again: `XDG_CACHE_HOME`, or `.cache` of the user. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'diptych');
}

/**
 * Tensors of a folder, or made and kept there. A file that cannot be read or written costs time and a note, nothing else.
 *
 * @param folder undefined keeps nothing
 */
export async function kept(
  folder: string | undefined,
  { kind, identity, note }: Kept,
  make: () => Promise<KeptTensors>,
): Promise<KeptTensors> {
  if (folder === undefined) return make();
  const sha256 = createHash('sha256').update(identity).digest('hex');
  const metadata = { kind, identity: sha256 };
  const path = join(folder, `${kind}-${sha256.slice(0, 24)}.safetensors`);
  const known = await readKept(path, metadata, note);
  if (known) return known;
  const tensors = await make();
  try {
    await writeSafetensors(path, tensors, metadata);
  } catch (error) {
    if (!isDiptychError(error, 'DIPTYCH_FILE_UNWRITABLE')) throw error;
    note(`not cached: ${error.message}`);
  }
  return tensors;
}

/** What the file holds, if it is whole and follows from the same. */
async function readKept(
  path: string,
  metadata: Readonly<Record<string, string>>,
  note: Kept['note'],
): Promise<KeptTensors | undefined> {
  const file = await readSafetensors(path).catch((error) => {
    if (!isDiptychError(error)) throw error;
    if (error.code !== 'DIPTYCH_FILE_MISSING') note(`made again: ${error.message}`);
    return undefined;
  });
  const same = file && Object.entries(metadata).every(([key, value]) => file.metadata[key] === value);
  return same ? file.tensors : undefined;
}
