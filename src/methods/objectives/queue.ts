/** @file Dictionaries of keys: first in, first out, several queues in step behind one pointer. */
import { normaliseRows } from '../../data/vectors.ts';
import { DiptychError } from '../../errors/error.ts';
import { add, cast, equal, greaterOrEqual, multiply, subtract, where } from '../../graph/ops/elementwise.ts';
import { iota } from '../../graph/ops/leaves.ts';
import { expand, reshape } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { filled, type Initialiser, zeros } from '../../nn/initialisers.ts';
import { type ParameterSpec, parameter } from '../../nn/parameters.ts';
import { Random } from '../../random/random.ts';

/**
 * The state of queues. All is float32, which holds image numbers and places exactly up to 2^24.
 */
export type Queues<L> = {
  /** [length, d] each, by name: unit vectors. */
  readonly keys: { readonly [name: string]: L };
  /** [length]: number of the image of each entry; -1 for what no image made. */
  readonly ids: L;
  /** Scalar: where the next batch is written, a multiple of the batch size. */
  readonly pointer: L;
};

/**
 * Queues that begin with random unit vectors, which are of no image. As negatives they count, as in MoCo, until they are written
 * over; what learns where keys lie asks `ofImages` first.
 *
 * @param length entries of each
 * @param pairs of a batch
 * @throws DIPTYCH_QUEUE_LENGTH if batches do not fill the queue evenly
 */
export function queueSpecs(
  names: readonly string[],
  length: number,
  dimension: number,
  pairs: number,
): Queues<ParameterSpec> {
  if (length % pairs !== 0) throw new DiptychError('DIPTYCH_QUEUE_LENGTH', { queue: length, pairs });
  return {
    keys: Object.fromEntries(
      names.map((name) => [name, parameter([length, dimension], unitRows(name, length, dimension))]),
    ),
    ids: parameter([length], filled(-1)),
    pointer: parameter([], zeros),
  };
}

/** Rows of length 1 in random directions, the same for a name. They are drawn when they are first read: a plan needs shapes only. */
export function unitRows(name: string, rows: number, width: number): Initialiser {
  return {
    kind: 'array',
    get data() {
      const random = new Random('unit rows', name);
      const data = Float32Array.from({ length: rows * width }, () => random.normal());
      normaliseRows(data, width);
      return data;
    },
  };
}

/** bool [B, length]: whether an entry shows the image of a pair. @param imageIds int32 [B] */
export function sameInQueue({ ids }: Queues<Tensor>, imageIds: Tensor): Tensor {
  const [pairs, length] = [imageIds.shape[0], ids.shape[0]];
  return equal(reshape(cast(imageIds, 'float32'), [pairs, 1]), reshape(ids, [1, length]));
}

/** bool: whether entries with these ids are keys of images, rather than what a queue begins with. @param ids any of `Queues.ids` */
export function ofImages(ids: Tensor): Tensor {
  return greaterOrEqual(ids, 0);
}

/**
 * Writes a batch over the oldest entries, and moves the pointer on.
 *
 * @param keys [B, d] by name
 * @param imageIds int32 [B]
 */
export function enqueue(
  queues: Queues<Tensor>,
  keys: Readonly<Record<string, Tensor>>,
  imageIds: Tensor,
): Queues<Tensor> {
  const pairs = imageIds.shape[0] as number;
  const length = queues.ids.shape[0] as number;
  const slots = length / pairs;
  // The slots are batches, so that one comparison a batch says where to write.
  const current = equal(multiplesOf(pairs, slots), queues.pointer);
  const write = (old: Tensor, batch: Tensor) => {
    const rest = old.shape.slice(1);
    const here = reshape(current, [slots, 1, ...rest.map(() => 1)]);
    const written = where(
      here,
      expand(reshape(batch, [1, pairs, ...rest]), [slots, pairs, ...rest]),
      reshape(old, [slots, pairs, ...rest]),
    );
    return reshape(written, old.shape);
  };
  const next = add(queues.pointer, pairs);
  return {
    keys: Object.fromEntries(Object.entries(queues.keys).map(([name, old]) => [name, write(old, keys[name])])),
    ids: write(queues.ids, cast(imageIds, 'float32')),
    pointer: where(greaterOrEqual(next, length), 0, next),
  };
}

/** int32 [count]: places of the newest entries, the newest first. */
export function newestPlaces({ ids, pointer }: Queues<Tensor>, count: number): Tensor {
  const place = subtract(subtract(cast(pointer, 'int32'), 1), iota(count));
  return where(greaterOrEqual(place, 0), place, add(place, ids.shape[0] as number));
}

/** float32 [count]: 0, step, 2 step … */
function multiplesOf(step: number, count: number): Tensor {
  return cast(multiply(iota(count), step), 'float32');
}
