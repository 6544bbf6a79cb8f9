/** @file The golden file of the official modules, and the inputs that its note describes: closed forms of the indices. */
import type { Value } from '../../../graph/values.ts';
import { readGolden } from '../../../nn/testing/golden.ts';

type Matrix = number[][];

export const golden = readGolden<{
  v0: number[];
  u3: number[];
  p_i2t_rows_images: Matrix;
  p_t2i_rows_texts: Matrix;
  q_i2t_rows_images: Matrix[];
  q_t2i_rows_texts: Matrix[];
  A_i2i: Matrix;
  A_t2t: Matrix;
  A_i2t: Matrix;
  A_t2i: Matrix;
  S_i2i: Matrix;
  S_t2t: Matrix;
  reg_loss: number;
  sim: Matrix;
  dws_prob_image_anchor: Matrix;
  dws_prob_text_anchor: Matrix;
  dws: { sim: Matrix; prob_row_anchor: Matrix; prob_col_anchor: Matrix };
}>('../golden/hrem.json', import.meta.url);

/** N instances, regions of an image, words of the widest caption, d, and the lengths of the captions. */
export const shapes = { instances: 4, regions: 5, words: 4, dimension: 8, lengths: [4, 3, 2, 1] } as const;

function filled(inner: number, f: (i: number, k: number, d: number) => number): Value {
  const { instances, dimension } = shapes;
  return {
    shape: [instances, inner, dimension],
    data: Float64Array.from({ length: instances * inner * dimension }, (_, at) =>
      f(Math.floor(at / (inner * dimension)), Math.floor(at / dimension) % inner, at % dimension),
    ),
  };
}

/** R [4, 5, 8]. */
export const goldenRegions = filled(shapes.regions, (i, r, d) => Math.sin(1.7 * i + 0.9 * r + 0.31 * d + 0.1 * i * r));
/** C [4, 4, 8]; what stands beyond a caption's length is not zero. */
export const goldenWords = filled(shapes.words, (t, w, d) => Math.cos(1.3 * t + 0.7 * w + 0.23 * d + 0.05 * t * w));

/** Nested numbers as a value. */
export function asValue(nested: number[] | Matrix | Matrix[]): Value {
  const shape: number[] = [];
  for (let level: unknown = nested; Array.isArray(level); level = level[0]) shape.push(level.length);
  return { shape, data: Float64Array.from((nested as number[]).flat(3) as number[]) };
}
