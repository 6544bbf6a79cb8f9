/** @file Mean and maximum of the stored cells of every picture and view: computed once, kept, read from memory. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { FeatureFile } from '../../../data/features/file.ts';
import { pooledVector, pooledWidth } from '../../../encoders/heads/towers.ts';
import { kept } from '../../../files/kept.ts';
import { compileFunction } from '../../../graph/compile.ts';
import { cast } from '../../../graph/ops/elementwise.ts';
import { Runtime } from '../../../graph/runtime/runtime.ts';
import type { Tensor } from '../../../graph/tensor.ts';
import type { Progress } from '../../../system/progress.ts';
import type { VectorTable } from '../../batches/vectors.ts';

/** Changes whenever the same features would give other vectors. */
const VERSION = 1;
/** Views that are read and pooled together. */
const AT_ONCE = 256;

/**
 * Vectors of all rows of a feature file, in half precision.
 *
 * @param cache folder that keeps them
 * @returns [rows, views, 2 width]
 */
export async function pooledTable(
  file: FeatureFile,
  cache: string | undefined,
  progress: Progress,
): Promise<VectorTable> {
  const { images, views, dimension } = file;
  const width = pooledWidth(dimension);
  const kind = { kind: 'mean-max', identity: await identityOf(file), note: (line: string) => progress.note(line) };
  const tensors = await kept(cache, kind, async () => {
    const data = await pooledVectors(file, progress);
    return new Map([['vectors', { dtype: 'F16' as const, shape: [images, views, width], data }]]);
  });
  return { data: tensors.get('vectors')!.data as Uint16Array, views, width };
}

/** What made the features, or the file itself where nobody noted it. */
async function identityOf({ path, sidecar }: FeatureFile): Promise<string> {
  if (sidecar) return JSON.stringify([VERSION, sidecar]);
  const { size, mtimeMs } = await stat(path);
  return JSON.stringify([VERSION, resolve(path), size, mtimeMs]);
}

async function pooledVectors(file: FeatureFile, progress: Progress): Promise<Uint16Array<ArrayBuffer>> {
  const { images, views, regions, dimension, dtype } = file;
  const width = pooledWidth(dimension);
  const out = new Uint16Array(images * views * width);
  const total = images * views;
  const read = async (start: number): Promise<Uint16Array | Float32Array> => {
    const places = Array.from({ length: Math.max(0, Math.min(AT_ONCE, total - start)) }, (_, i) => start + i);
    const stored = new (dtype === 'float16' ? Uint16Array : Float32Array)(places.length * file.rowLength);
    const rows = places.map((place) => Math.floor(place / views));
    await file.readStored(
      rows,
      stored,
      places.map((place) => place % views),
    );
    return stored;
  };
  const runtime = await Runtime.start({ device: 'cpu' });
  try {
    const features = { shape: ['views', regions, dimension], dtype } as const;
    const program = compileFunction('pooled', { state: {}, batch: { features } }, (_, batch) => ({
      vectors: pooledVector(cast(batch.features as Tensor, 'float32')),
    }));
    await runtime.load(program);
    let next = read(0);
    for (let start = 0; start < total; start += AT_ONCE) {
      const data = await next;
      next = read(start + AT_ONCE);
      const count = data.length / file.rowLength;
      const feeds = new Map([['features', { dtype, shape: [count, regions, dimension], data }]]);
      const { vectors } = Object.fromEntries(await runtime.run('pooled', feeds));
      out.set(vectors.data as Uint16Array, start * width);
      progress.update({ done: start + count, total, unit: 'views' });
    }
    return out;
  } finally {
    await runtime.close();
  }
}
