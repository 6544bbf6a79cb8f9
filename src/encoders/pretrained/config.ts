/** @file What the configurations of all families have in common: bounds of their numbers, names, relations between them, what they mean to us. */
import { z } from 'zod';
import { type ActivationName, activationNames, type LayerOptions, type LayerSizes } from './layers.ts';
import type { Patches } from './pixels.ts';

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

/** What config.json says of layers. */
interface LayerConfig {
  readonly num_hidden_layers: number;
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_attention_heads: number;
  readonly hidden_act: ActivationName;
  readonly layer_norm_eps: number;
}

export function layerSizesOf(config: LayerConfig): LayerSizes {
  return { layers: config.num_hidden_layers, width: config.hidden_size, hidden: config.intermediate_size };
}

export function layerOptionsOf(config: LayerConfig): Pick<LayerOptions, 'heads' | 'activation' | 'epsilon'> {
  return { heads: config.num_attention_heads, activation: config.hidden_act, epsilon: config.layer_norm_eps };
}

/** What it says of patches. */
type PatchConfig = Readonly<Record<'image_size' | 'patch_size' | 'hidden_size', number>>;

export function patchesOf(config: PatchConfig): Patches {
  return { size: config.image_size, patch: config.patch_size, width: config.hidden_size };
}
