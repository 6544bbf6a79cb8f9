/** @file What a round leaves in the folder of its run: clusters, and the vectors of the model that made them. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import { checksumOf } from '../../files/checksum.ts';
import { fromFloat16, toFloat16 } from '../../files/float16.ts';
import { readJson, writeJson } from '../../files/json.ts';
import type { TensorData } from '../../graph/values.ts';
import { readTensors, writeTensors } from '../checkpoint/tensors.ts';

/** What batches of a round follow from, beside seed and step. */
export interface RoundState {
  readonly assignment: Int32Array;
  /** Vectors of the model at the beginning of the round, where the guard against false negatives reads them. */
  readonly teacher?: Teacher | undefined;
}

export interface Teacher {
  /** [images, dimension]. */
  readonly images: Float32Array;
  /** [captions, dimension]. */
  readonly captions: Float32Array;
  readonly dimension: number;
  /** μ: mean score of random pairs. */
  readonly centre: number;
}

const sheetSchema = z.strictObject({
  format: z.literal(1),
  /** First step of the round, as planned. */
  from: z.int().min(0),
  centre: z.number(),
  /** SHA-256 of the tensors. */
  sha256: z.string(),
});

function paths(run: string, from: number) {
  const name = join(run, 'rounds', `step-${String(from).padStart(8, '0')}`);
  return { folder: join(run, 'rounds'), sheet: `${name}.json`, tensors: `${name}.safetensors` };
}

/** Vectors as they are kept: in half precision, so that a resumed run reads what an uninterrupted one goes on with. */
export function asKept(teacher: Teacher): Teacher {
  const { images, captions } = teacher;
  return { ...teacher, images: fromFloat16(toFloat16(images)), captions: fromFloat16(toFloat16(captions)) };
}

/** Writes the state of a round; one of the same step is replaced. @throws DIPTYCH_FILE_UNWRITABLE */
export async function writeRound(run: string, from: number, { assignment, teacher }: RoundState): Promise<void> {
  const { folder, sheet, tensors } = paths(run, from);
  await mkdir(folder, { recursive: true });
  const named = new Map<string, TensorData>([
    ['assignment', { dtype: 'int32', shape: [assignment.length], data: assignment }],
  ]);
  if (teacher) {
    const { images, captions, dimension } = teacher;
    for (const [name, rows] of Object.entries({ images, captions })) {
      const shape = [rows.length / dimension, dimension];
      named.set(`teacher.${name}`, { dtype: 'float16', shape, data: toFloat16(rows) });
    }
  }
  await writeTensors(tensors, named);
  const { sha256 } = await checksumOf(tensors);
  await writeJson(sheet, { format: 1, from, centre: teacher?.centre ?? 0, sha256 });
}

/** Whether a round left its state. */
export function hasRound(run: string, from: number): boolean {
  return existsSync(paths(run, from).sheet);
}

/** @throws DIPTYCH_ROUND_DAMAGED if it is not what was written */
export async function readRound(run: string, from: number): Promise<RoundState> {
  const { sheet, tensors: path } = paths(run, from);
  try {
    const { centre, sha256 } = await readJson(sheet, sheetSchema);
    if ((await checksumOf(path)).sha256 !== sha256) throw damaged(path, 'it does not match its checksum');
    const tensors = await readTensors(path);
    const vectorsOf = (name: string) => fromFloat16(tensors.get(name)!.data as Uint16Array);
    const assignment = tensors.get('assignment')!.data as Int32Array;
    const kept = tensors.get('teacher.images');
    if (!kept) return { assignment };
    const dimension = kept.shape[1];
    const [images, captions] = [vectorsOf('teacher.images'), vectorsOf('teacher.captions')];
    return { assignment, teacher: { images, captions, dimension, centre } };
  } catch (cause) {
    if (!isDiptychError(cause) || isDiptychError(cause, 'DIPTYCH_ROUND_DAMAGED')) throw cause;
    throw new DiptychError('DIPTYCH_ROUND_DAMAGED', { path, reason: cause.message }, { cause });
  }
}

function damaged(path: string, reason: string) {
  return new DiptychError('DIPTYCH_ROUND_DAMAGED', { path, reason });
}
