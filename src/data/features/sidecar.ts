/** @file What stands beside a feature file: which image each row is, and how the rows were made. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { readJson, writeJson } from '../../files/json.ts';
import { preprocessingSchema } from '../images/preprocessing.ts';

/** What decides every number of a feature file, so that it can be told whether two are the same. */
export const planSchema = z.strictObject({
  /** SHA-256 of the ONNX file. */
  backbone: z.string(),
  preprocessing: preprocessingSchema,
  dtype: z.enum(['float16', 'float32']),
  /** Views of each picture beside the plain one. */
  views: z.int().min(0),
  seed: z.number(),
  /** SHA-256 of the ids of all images, in order. */
  images: z.string(),
});

export type Plan = z.output<typeof planSchema>;

const sidecarSchema = z.strictObject({
  version: z.literal(1),
  plan: planSchema,
  /** Name of the ONNX file, and of its tensor that the features are. */
  model: z.string(),
  output: z.string(),
  shape: z.array(z.int().min(0)),
  /** Image of each row. */
  ids: z.array(z.string()),
  /** Images without a row. */
  unreadable: z.array(z.strictObject({ id: z.string(), file: z.string(), reason: z.string() })),
});

export type Sidecar = z.output<typeof sidecarSchema>;

/** An image that has no features. */
export type Unreadable = Sidecar['unreadable'][number];

/** `NAME.json` beside `NAME.npy`. */
export function sidecarPath(path: string): string {
  return path.replace(/\.npy$/, '.json');
}

/** @throws what `readJson` throws */
export async function readSidecar(path: string): Promise<Sidecar> {
  return await readJson(sidecarPath(path), sidecarSchema);
}

export async function writeSidecar(path: string, sidecar: Sidecar): Promise<void> {
  await writeJson(sidecarPath(path), sidecar);
}

/** SHA-256 of ids in order. */
export function idsFingerprint(ids: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const id of ids) hash.update(`${Buffer.byteLength(id)}:${id}`);
  return hash.digest('hex');
}

/** The first thing in which two plans differ, for people; undefined if they are equal. */
export function differenceOf(found: Plan, wanted: Plan): string | undefined {
  for (const key of Object.keys(wanted) as (keyof Plan)[]) {
    const [there, here] = [JSON.stringify(found[key]), JSON.stringify(wanted[key])];
    if (there === here) continue;
    const hidden = key === 'backbone' || key === 'images';
    return hidden ? `other ${key}` : `${key} ${there} instead of ${here}`;
  }
  return undefined;
}
