/** @file Named tensors to and from safetensors files. */
import { DiptychError } from '../../errors/error.ts';
import { readSafetensors, type StoredTensor, writeSafetensors } from '../../files/safetensors.ts';
import type { DType } from '../../graph/attributes.ts';
import type { TensorData } from '../../graph/values.ts';
import type { NamedTensors } from '../engine.ts';

const stored: Readonly<Record<DType, StoredTensor['dtype']>> = {
  float32: 'F32',
  float16: 'F16',
  int32: 'I32',
  uint8: 'U8',
  bool: 'BOOL',
};

/**
 * Writes tensors, atomically.
 *
 * @throws DIPTYCH_FILE_UNWRITABLE, DIPTYCH_ARRAY_SHAPE
 */
export async function writeTensors(path: string, tensors: NamedTensors): Promise<void> {
  const entries = Array.from(tensors, ([name, { dtype, shape, data }]): [string, StoredTensor] => [
    name,
    { dtype: stored[dtype], shape, data } as StoredTensor,
  ]);
  await writeSafetensors(path, new Map(entries));
}

/**
 * Reads tensors.
 *
 * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE, DIPTYCH_SAFETENSORS_INVALID (also for types that no step has)
 */
export async function readTensors(path: string): Promise<NamedTensors> {
  const { tensors } = await readSafetensors(path);
  const types = new Map(Object.entries(stored).map(([dtype, name]) => [name as string, dtype as DType]));
  const named = new Map<string, TensorData>();
  for (const [name, { dtype, shape, data }] of tensors) {
    const type = types.get(dtype);
    if (type === undefined) {
      throw new DiptychError('DIPTYCH_SAFETENSORS_INVALID', {
        path,
        reason: `${name}: no step has numbers of type ${dtype}`,
      });
    }
    named.set(name, { dtype: type, shape: [...shape], data: data as TensorData['data'] });
  }
  return named;
}
