/** @file The manifest of a flat store: what is committed. It is the one file that is replaced; all others only grow. */
import { z } from 'zod';
import { commonFields, readManifestFile, writeManifestFile } from '../manifest-file.ts';

const FORMAT = 1;

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
  ...commonFields,
  segments: z.array(segmentSchema),
  /** `NUMBER.deleted`: pairs (segment number, row) of rows that are gone, as 32-bit integers. */
  deleted: z.strictObject({ number: count, pairs: extentSchema }),
  /** The number that the next new file takes. Numbers are never used again. */
  nextNumber: z.int().min(1),
});
export type FlatManifest = Readonly<z.infer<typeof manifestSchema>>;

/** @throws DIPTYCH_INDEX_MISSING, DIPTYCH_INDEX_DAMAGED, DIPTYCH_INDEX_FORMAT */
export async function readManifest(folder: string): Promise<FlatManifest> {
  return readManifestFile(folder, manifestSchema, FORMAT);
}

/** Replaces the manifest: from this moment on the store is what it says. @throws DIPTYCH_FILE_UNWRITABLE */
export async function writeManifest(folder: string, manifest: FlatManifest): Promise<void> {
  await writeManifestFile(folder, manifest);
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
