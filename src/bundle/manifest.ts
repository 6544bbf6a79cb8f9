/** @file `bundle.json`: what a bundle says of itself, and the fingerprint of all that decides its vectors. */
import { join } from 'node:path';
import { z } from 'zod';
import { DiptychError, isDiptychError } from '../errors/error.ts';
import { describeProblems, readJson } from '../files/json.ts';
import { fingerprintOf, type Json } from '../training/run/configuration.ts';

export const FORMAT = 1;

/** The files of a bundle beside `bundle.json` and the model card. */
export const fileNames = ['image.onnx', 'text.onnx', 'tokenizer.json', 'preprocessing.json', 'backbone.onnx'] as const;
export type FileName = (typeof fileNames)[number];

const count = z.int().min(1);
const hex = z.string().regex(/^[0-9a-f]{64}$/);

/** How images enter: as pixels, or as features of regions that a frozen backbone makes of them. */
const imagesSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('pixels'), size: count }),
  z.strictObject({
    kind: z.literal('features'),
    regions: count,
    width: count,
    /** How the backbone's numbers are rounded before they enter: as they were stored for training. */
    dtype: z.enum(['float16', 'float32']),
    /** SHA-256 of the backbone's file, whether or not it is in the bundle; null if nobody said which it was. */
    backbone: hex.nullable(),
    /** Views of a picture whose vectors are averaged; one unless given. */
    views: count.exactOptional(),
  }),
]);

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  name: z.string().min(1),
  dimension: count,
  /** Where vectors are two halves: the share of the second one in the score, which can be changed at search time. */
  share: z.number().min(0).max(1).exactOptional(),
  fingerprint: hex,
  images: imagesSchema,
  /** The files that lie beside this one. */
  files: z.partialRecord(z.enum(fileNames), z.strictObject({ bytes: z.int().min(0), sha256: hex })),
  versions: z.strictObject({ diptych: z.string(), node: z.string(), onnxruntime: z.string() }),
});

export type ImagesInput = z.output<typeof imagesSchema>;
export type Manifest = z.output<typeof manifestSchema>;

/** What one picture is when it enters, in words: `224 x 224 pixels`, `49 x 1280 features`. */
export function pictureForm(images: ImagesInput): string {
  return images.kind === 'pixels'
    ? `${images.size} x ${images.size} pixels`
    : `${images.regions} x ${images.width} features`;
}

export function manifestPath(folder: string): string {
  return join(folder, 'bundle.json');
}

/** Says that a file of a bundle is not what it was. */
export function damagedBundle(path: string, reason: string, cause?: unknown) {
  return new DiptychError('DIPTYCH_BUNDLE_DAMAGED', { path, reason }, { cause });
}

/**
 * SHA-256 of everything that decides vectors: models, tokenizer, preprocessing, backbone. The backbone counts by its own
 * checksum, so that a bundle without its file belongs to the same index as one with it.
 */
export function bundleFingerprint({ dimension, images, files }: Omit<Manifest, 'fingerprint'>): string {
  const deciding = fileNames.filter((name) => name !== 'backbone.onnx');
  const checksums = Object.fromEntries(deciding.map((name) => [name, files[name]?.sha256 ?? null]));
  return fingerprintOf({ dimension, images, files: checksums } satisfies Json);
}

/**
 * Reads and checks `bundle.json`; the other files are not looked at.
 *
 * @throws DIPTYCH_BUNDLE_MISSING, DIPTYCH_BUNDLE_FORMAT, DIPTYCH_BUNDLE_DAMAGED, DIPTYCH_FILE_UNREADABLE
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = manifestPath(folder);
  const damaged = (reason: string, cause?: unknown) => damagedBundle(path, reason, cause);
  const content = await readJson(path, z.looseObject({ format: z.unknown() })).catch((cause) => {
    if (isDiptychError(cause, 'DIPTYCH_FILE_MISSING'))
      throw new DiptychError('DIPTYCH_BUNDLE_MISSING', { path: folder });
    if (isDiptychError(cause, 'DIPTYCH_FILE_UNREADABLE')) {
      if (cause.fields.reason === 'ENOTDIR') throw new DiptychError('DIPTYCH_BUNDLE_MISSING', { path: folder });
      throw cause;
    }
    throw damaged((cause as Error).message, cause);
  });
  if (content.format !== FORMAT) {
    throw new DiptychError('DIPTYCH_BUNDLE_FORMAT', { path, format: content.format, known: FORMAT });
  }
  const checked = manifestSchema.safeParse(content);
  if (!checked.success) throw damaged(describeProblems(checked.error).join('; '), checked.error);
  const manifest = checked.data;
  if (bundleFingerprint(manifest) !== manifest.fingerprint) throw damaged('its fingerprint is not that of its files');
  return manifest;
}
