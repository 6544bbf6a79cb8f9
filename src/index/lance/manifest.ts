/** @file The manifest of a LanceDB store: which version of the table counts, and what its columns mean. */
import { z } from 'zod';
import { commonFields, readManifestFile, writeManifestFile } from '../manifest-file.ts';

const FORMAT = 1;

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  kind: z.literal('lance'),
  ...commonFields,
  /** Fields that have columns of their own, by number. */
  columns: z.array(z.string()),
  /** Version of the table. Later ones were begun by a writer that died, and do not count. */
  table: z.int().min(1),
});
export type LanceManifest = Readonly<z.infer<typeof manifestSchema>>;

/** @throws DIPTYCH_INDEX_MISSING, DIPTYCH_INDEX_DAMAGED, DIPTYCH_INDEX_FORMAT */
export async function readManifest(folder: string): Promise<LanceManifest> {
  return readManifestFile(folder, manifestSchema, FORMAT);
}

/** @throws DIPTYCH_FILE_UNWRITABLE */
export async function writeManifest(folder: string, manifest: LanceManifest): Promise<void> {
  await writeManifestFile(folder, manifest);
}

/** The manifest of a store without rows. */
export function newManifest(
  settings: Pick<LanceManifest, 'fingerprint' | 'dimension' | 'dtype'>,
  table: number,
): LanceManifest {
  const now = new Date().toISOString();
  return {
    format: FORMAT,
    kind: 'lance',
    version: 0,
    ...settings,
    rows: 0,
    fields: {},
    columns: [],
    table,
    created: now,
    updated: now,
  };
}
