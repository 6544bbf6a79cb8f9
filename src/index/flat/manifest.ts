/** @file The manifest of a flat store: what is committed. It is the one file that is replaced; all others only grow. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { DiptychError } from '../../errors/error.ts';
import { writeAtomically } from '../../files/atomic.ts';
import { isSystemError, unreadable } from '../../files/failures.ts';

const FORMAT = 1;
const FILE = 'manifest.json';

const count = z.int().min(0);
/** The committed first part of a file that grows: its length and the CRC-32 of its bytes. */
const extentSchema = z.strictObject({ bytes: count, crc: count });
export type Extent = Readonly<z.infer<typeof extentSchema>>;
export const emptyExtent: Extent = { bytes: 0, crc: 0 };

/** Rows that lie together: `NUMBER.vectors` (numbers, row after row) and `NUMBER.rows` (a JSON line each). */
const segmentSchema = z.strictObject({
  number: z.int().min(1).max(0xffffffff),
  rows: count,
  vectors: extentSchema,
  lines: extentSchema,
});
export type SegmentEntry = Readonly<z.infer<typeof segmentSchema>>;

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  kind: z.literal('flat'),
  version: count,
  fingerprint: z.string(),
  dimension: z.int().min(1),
  dtype: z.enum(['float32', 'float16']),
  /** Rows that are there: those of the segments less the deleted ones. */
  rows: count,
  fields: z.record(z.string(), z.array(z.enum(['string', 'number', 'boolean', 'list']))),
  segments: z.array(segmentSchema),
  /** `NUMBER.deleted`: pairs (segment number, row) of rows that are gone, as 32-bit integers. */
  deleted: z.strictObject({ number: count, pairs: extentSchema }),
  /** The number that the next new file takes. Numbers are never used again. */
  nextNumber: z.int().min(1),
  created: z.string(),
  updated: z.string(),
});
export type FlatManifest = Readonly<z.infer<typeof manifestSchema>>;

const fileSchema = z.strictObject({ checksum: z.string(), manifest: z.unknown() });

/** The checksum of a manifest: CRC-32 of its JSON text, in hexadecimal. */
function checksumOf(manifest: unknown): string {
  return crc32(JSON.stringify(manifest)).toString(16).padStart(8, '0');
}

export function damaged(path: string, reason: string, cause?: unknown): DiptychError {
  return new DiptychError('DIPTYCH_INDEX_DAMAGED', { path, reason }, { cause });
}

/** @throws DIPTYCH_INDEX_MISSING, DIPTYCH_INDEX_DAMAGED, DIPTYCH_INDEX_FORMAT */
export async function readManifest(folder: string): Promise<FlatManifest> {
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
  const format = (manifest as { format?: unknown } | null)?.format;
  if (format !== FORMAT) throw new DiptychError('DIPTYCH_INDEX_FORMAT', { path, format, known: [FORMAT] });
  const result = manifestSchema.safeParse(manifest);
  if (!result.success) throw damaged(path, z.prettifyError(result.error), result.error);
  return result.data;
}

/** Replaces the manifest: from this moment on the store is what it says. @throws DIPTYCH_FILE_UNWRITABLE */
export async function writeManifest(folder: string, manifest: FlatManifest): Promise<void> {
  await writeAtomically(join(folder, FILE), JSON.stringify({ checksum: checksumOf(manifest), manifest }));
}

/** Whether a folder holds a manifest. */
export async function hasManifest(folder: string): Promise<boolean> {
  return readFile(join(folder, FILE)).then(
    () => true,
    () => false,
  );
}

/** The manifest of a store without rows. */
export function newManifest(settings: Pick<FlatManifest, 'fingerprint' | 'dimension' | 'dtype'>): FlatManifest {
  const now = new Date().toISOString();
  return {
    format: FORMAT,
    kind: 'flat',
    version: 0,
    ...settings,
    rows: 0,
    fields: {},
    segments: [],
    deleted: { number: 0, pairs: emptyExtent },
    nextNumber: 1,
    created: now,
    updated: now,
  };
}

/** Bytes of one vector. */
export function vectorBytes({ dimension, dtype }: Pick<FlatManifest, 'dimension' | 'dtype'>): number {
  return dimension * (dtype === 'float32' ? 4 : 2);
}
