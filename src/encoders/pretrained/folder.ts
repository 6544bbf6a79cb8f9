/** @file The weights of a model folder as the Hugging Face hub lays it out: one safetensors file, or parts with an index. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DiptychError } from '../../errors/error.ts';
import { bytesOf } from '../../files/bytes.ts';
import { readJson } from '../../files/json.ts';
import { readSafetensors, type StoredTensor } from '../../files/safetensors.ts';

const whole = 'model.safetensors';
const index = 'model.safetensors.index.json';

const indexSchema = z.looseObject({
  weight_map: z.record(z.string(), z.string().regex(/^[^/\\]+\.safetensors$/, 'not the name of a file in the folder')),
});

/** Path of config.json. */
export function configPath(folder: string): string {
  return join(folder, 'config.json');
}

/**
 * All tensors of a model by the names they have there. Parts are read where there is no whole file.
 *
 * @throws DIPTYCH_PRETRAINED_FILES if there are no weights or a part lacks a tensor, and what `readSafetensors` and
 *   `readJson` throw
 */
export async function readWeights(folder: string): Promise<ReadonlyMap<string, StoredTensor>> {
  if (existsSync(join(folder, whole))) return (await readSafetensors(join(folder, whole))).tensors;
  if (!existsSync(join(folder, index))) {
    throw new DiptychError('DIPTYCH_PRETRAINED_FILES', { folder, problem: `neither ${whole} nor ${index} is there` });
  }
  const { weight_map } = await readJson(join(folder, index), indexSchema);
  const tensors = new Map<string, StoredTensor>();
  for (const part of [...new Set(Object.values(weight_map))].sort()) {
    for (const [name, tensor] of (await readSafetensors(join(folder, part))).tensors) {
      if (weight_map[name] !== part) {
        const problem = `${part} holds ${name}, which ${index} does not say`;
        throw new DiptychError('DIPTYCH_PRETRAINED_FILES', { folder, problem });
      }
      tensors.set(name, tensor);
    }
  }
  const absent = Object.keys(weight_map).find((name) => !tensors.has(name));
  if (absent !== undefined) {
    const problem = `${weight_map[absent]} lacks ${absent}, which ${index} says it holds`;
    throw new DiptychError('DIPTYCH_PRETRAINED_FILES', { folder, problem });
  }
  return tensors;
}

/** SHA-256 (hex) of a configuration and of all tensors, whatever files they lie in. */
export function fingerprintOf(config: unknown, tensors: ReadonlyMap<string, StoredTensor>): string {
  const hash = createHash('sha256').update(JSON.stringify(config));
  for (const [name, { dtype, shape, data }] of [...tensors].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([name, dtype, shape])).update(bytesOf(data));
  }
  return hash.digest('hex');
}
