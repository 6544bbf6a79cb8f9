/** @file What the configurations of all families have in common: bounds of their numbers, names, relations between them. */
import { z } from 'zod';
import { activationNames } from './layers.ts';

/** A width or a count of rows; a damaged file must not ask for more memory than there is. */
export const size = z
  .int()
  .positive()
  .max(2 ** 24);
export const layerCount = z.int().positive().max(512);
/** Of what dropout sets to zero. */
export const share = z.number().min(0).lt(1);
export const epsilon = z.number().positive().max(1);
export const activation = z.enum(activationNames);

/** A relation between fields, as `refine` takes it. */
type Relation<F extends string> = [(config: Readonly<Record<F, number>>) => boolean, { path: F[]; error: string }];

function divides<D extends string, W extends string>(divisor: D, whole: W): Relation<D | W> {
  const error = `must divide ${whole}`;
  return [(config) => config[whole] % config[divisor] === 0, { path: [divisor], error }];
}

/** Attention heads work on equal shares of the width. */
export const headsDivideWidth = divides('num_attention_heads', 'hidden_size');
export const patchDividesImage = divides('patch_size', 'image_size');
