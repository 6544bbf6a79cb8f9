/** @file The manifest of a store as a file: replaced as a whole, with a checksum of its own. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { DiptychError } from '../errors/error.ts';
import { writeAtomically } from '../files/atomic.ts';
import { isSystemError, unreadable } from '../files/failures.ts';
import type { StoreManifest } from './store.ts';

const FILE = 'manifest.json';

const fileSchema = z.strictObject({ checksum: z.string(), manifest: z.unknown() });

/** What the manifests of all stores hold. */
export const commonFields = {
  /** Rises by one with every change. */
  version: z.int().min(0),
  fingerprint: z.string(),
  dimension: z.int().min(1),
  dtype: z.enum(['float32', 'float16']),
  /** Rows that are there: added and not deleted. */
  rows: z.int().min(0),
  fields: z.record(z.string(), z.array(z.enum(['string', 'number', 'boolean', 'list']))),
  created: z.string(),
  updated: z.string(),
};

/** What a store says of itself, without what is of its kind alone. */
export function publicManifest(manifest: StoreManifest): StoreManifest {
  const { kind, version, fingerprint, dimension, dtype, rows, fields, created, updated } = manifest;
  return { kind, version, fingerprint, dimension, dtype, rows, fields, created, updated };
}

/** @throws DIPTYCH_INDEX_FINGERPRINT if a store holds the vectors of another model than the one in use */
export function requireModel(
  path: string,
  { fingerprint }: Pick<StoreManifest, 'fingerprint'>,
  encoder: string | undefined,
): void {
  if (encoder === undefined || encoder === fingerprint) return;
  throw new DiptychError('DIPTYCH_INDEX_FINGERPRINT', { path, index: fingerprint, encoder });
}

/** The checksum of a manifest: CRC-32 of its JSON text, in hexadecimal. */
function checksumOf(manifest: unknown): string {
  return crc32(JSON.stringify(manifest)).toString(16).padStart(8, '0');
}

/** The error of a file that is not what was written; made here, thrown by who found it. */
export function damaged(path: string, reason: string, cause?: unknown): DiptychError {
  return new DiptychError('DIPTYCH_INDEX_DAMAGED', { path, reason }, { cause });
}

/**
 * Reads the manifest in a folder.
 *
 * @param format the number that its field `format` must have
 * @throws DIPTYCH_INDEX_MISSING, DIPTYCH_INDEX_DAMAGED, DIPTYCH_INDEX_FORMAT
 */
export async function readManifestFile<S extends z.ZodType>(
  folder: string,
  schema: S,
  format: number,
): Promise<z.output<S>> {
  const path = join(folder, FILE);
  const text = await readFile(path, 'utf8').catch((cause) => {
    const missing = isSystemError(cause) && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');
    throw missing ? new DiptychError('DIPTYCH_INDEX_MISSING', { path: folder }, { cause }) : unreadable(path, cause);
  });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw damaged(path, 'not JSON', cause);
  }
  const file = fileSchema.safeParse(parsed);
  if (!file.success) throw damaged(path, 'not a manifest', file.error);
  const { checksum, manifest } = file.data;
  if (checksumOf(manifest) !== checksum) throw damaged(path, 'its checksum differs');
  const found = (manifest as { format?: unknown } | null)?.format;
  if (found !== format) throw new DiptychError('DIPTYCH_INDEX_FORMAT', { path, format: found, known: [format] });
  const result = schema.safeParse(manifest);
  if (!result.success) throw damaged(path, z.prettifyError(result.error), result.error);
  return result.data;
}

/** Replaces the manifest: from this moment on the store is what it says. @throws DIPTYCH_FILE_UNWRITABLE */
export async function writeManifestFile(folder: string, manifest: unknown): Promise<void> {
  await writeAtomically(join(folder, FILE), JSON.stringify({ checksum: checksumOf(manifest), manifest }));
}

/** Whether a folder holds a manifest. */
export async function hasManifest(folder: string): Promise<boolean> {
  return readFile(join(folder, FILE)).then(
    () => true,
    () => false,
  );
}
