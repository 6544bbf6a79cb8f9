/** @file The file of keys: a name, scopes and a hash of each key. The keys themselves are shown once and kept nowhere. */
import { createHash, randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import { writeAtomically } from '../../files/atomic.ts';
import { readJson } from '../../files/json.ts';
import { acquireLock } from '../../system/lock.ts';
import { type Scope, scopes } from '../schema/session.ts';

const recordSchema = z.strictObject({
  name: z.string(),
  scopes: z.array(z.enum(scopes)).min(1),
  /** SHA-256 of the key: 256 random bits need no slow hash, since there is nothing to guess. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  created: z.string(),
});
export type KeyRecord = Readonly<z.infer<typeof recordSchema>>;

const fileSchema = z.strictObject({ format: z.literal(1), keys: z.array(recordSchema) });

/** Bits that let others than the owner at a file. */
const OTHERS = 0o077;

/** What is kept of a key. */
export function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** The keys of a file. @throws DIPTYCH_FILE_MISSING, DIPTYCH_JSON_…, DIPTYCH_SERVER_KEYS_FILE if others may read it */
export async function readKeys(path: string): Promise<readonly KeyRecord[]> {
  const { keys } = await readJson(path, fileSchema);
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
    throw refuse(path, `others may read or write it (mode ${(mode & 0o777).toString(8)})`);
  }
  return keys;
}

/**
 * Makes a key and adds it to the file, which is made if needed, with mode 600.
 *
 * @returns the key: `dk_` and 256 random bits
 * @throws DIPTYCH_SERVER_KEYS_FILE if the name is taken, or another process is changing the file; DIPTYCH_FILE_UNWRITABLE
 */
export async function createKey(path: string, name: string, wanted: readonly Scope[]): Promise<string> {
  return changing(path, async () => {
    const keys = await keysOrNone(path);
    if (keys.some((one) => one.name === name)) throw refuse(path, `there is a key named "${name}" already`);
    const key = `dk_${randomBytes(32).toString('base64url')}`;
    const record = { name, scopes: [...wanted], hash: hashOf(key), created: new Date().toISOString() };
    await writeKeys(path, [...keys, record]);
    return key;
  });
}

/** Takes a key out of the file; a service that runs with it refuses the key within a second. @throws what `createKey` throws */
export async function revokeKey(path: string, name: string): Promise<void> {
  // A file that is not there is told of before anything is written beside it.
  await readKeys(path);
  await changing(path, async () => {
    const keys = await readKeys(path);
    const left = keys.filter((one) => one.name !== name);
    if (left.length === keys.length) throw refuse(path, `there is no key named "${name}"`);
    await writeKeys(path, left);
  });
}

/** One process at a time: of two that read before either writes, one change would be lost, and a revoked key be back. */
async function changing<T>(path: string, change: () => Promise<T>): Promise<T> {
  const lock = await acquireLock(`${path}.lock`, {
    refused: (holder) => refuse(path, `process ${holder?.pid ?? 'unknown'} is changing it`),
  });
  try {
    return await change();
  } finally {
    await lock.release();
  }
}

async function keysOrNone(path: string): Promise<readonly KeyRecord[]> {
  try {
    return await readKeys(path);
  } catch (error) {
    if (isDiptychError(error, 'DIPTYCH_FILE_MISSING')) return [];
    throw error;
  }
}

async function writeKeys(path: string, keys: readonly KeyRecord[]): Promise<void> {
  await writeAtomically(path, async (file) => {
    // Before the first byte: nobody else ever sees any of it.
    await file.chmod(0o600);
    await file.writeFile(`${JSON.stringify({ format: 1, keys }, undefined, 2)}\n`);
  });
}

function refuse(path: string, reason: string): DiptychError {
  return new DiptychError('DIPTYCH_SERVER_KEYS_FILE', { path, reason });
}
