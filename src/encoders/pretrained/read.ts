/** @file Reads a pretrained model from its folder, whatever its family. */
import { z } from 'zod';
import { DiptychError } from '../../errors/error.ts';
import { readJson } from '../../files/json.ts';
import { bertEncoder, bertSchema } from './bert.ts';
import { clipEncoders, clipPreprocessor, clipSchema } from './clip.ts';
import type { PretrainedImageEncoder, PretrainedTextEncoder } from './encoder.ts';
import { configPath, fingerprintOf, readWeights } from './folder.ts';
import { readPreprocessor } from './preprocessor.ts';
import { vitEncoder, vitPreprocessor, vitSchema } from './vit.ts';

/** A model: the encoders it has. */
export interface Pretrained {
  readonly folder: string;
  /** `model_type` of config.json. */
  readonly family: Family;
  readonly text?: PretrainedTextEncoder;
  readonly image?: PretrainedImageEncoder;
  /** Of a model with both encoders: what cosines were divided by in its training. */
  readonly temperature?: number;
  /** Tensors of the file that belong to no encoder, such as heads of other tasks. */
  readonly leftOut: readonly string[];
  /** SHA-256 (hex) of configuration and weights. */
  readonly fingerprint: string;
}

type Read = Omit<Pretrained, 'folder' | 'family' | 'fingerprint'>;
type Weights = Awaited<ReturnType<typeof readWeights>>;

/** How each family is read, by its `model_type`. */
const families = {
  bert: async (folder: string, weights: Weights): Promise<Read> =>
    bertEncoder(folder, await readJson(configPath(folder), bertSchema), weights),
  vit: async (folder: string, weights: Weights): Promise<Read> => {
    const config = await readJson(configPath(folder), vitSchema);
    return vitEncoder(folder, config, weights, await readPreprocessor(folder, vitPreprocessor(config)));
  },
  clip: async (folder: string, weights: Weights): Promise<Read> => {
    const config = await readJson(configPath(folder), clipSchema);
    return clipEncoders(folder, config, weights, await readPreprocessor(folder, clipPreprocessor(config)));
  },
};
export type Family = keyof typeof families;

const anyConfig = z.looseObject({ model_type: z.string() });

/**
 * Reads a model folder: config.json, model.safetensors (or its parts), preprocessor_config.json where pictures are read.
 *
 * @throws DIPTYCH_PRETRAINED_FAMILY, DIPTYCH_PRETRAINED_FILES, DIPTYCH_PRETRAINED_TENSORS, and what `readJson` and
 *   `readSafetensors` throw
 */
export async function readPretrained(folder: string): Promise<Pretrained> {
  const config = await readJson(configPath(folder), anyConfig);
  const family = config.model_type;
  if (!isFamily(family)) {
    throw new DiptychError('DIPTYCH_PRETRAINED_FAMILY', { folder, found: family, known: Object.keys(families) });
  }
  const weights = await readWeights(folder);
  return { folder, family, ...(await families[family](folder, weights)), fingerprint: fingerprintOf(config, weights) };
}

/** The text encoder. @throws DIPTYCH_PRETRAINED_SIDE if the model has none */
export function requireText({ folder, family, text }: Pretrained): PretrainedTextEncoder {
  if (!text) throw new DiptychError('DIPTYCH_PRETRAINED_SIDE', { folder, family, side: 'text' });
  return text;
}

/** The image encoder. @throws DIPTYCH_PRETRAINED_SIDE if the model has none */
export function requireImage({ folder, family, image }: Pretrained): PretrainedImageEncoder {
  if (!image) throw new DiptychError('DIPTYCH_PRETRAINED_SIDE', { folder, family, side: 'image' });
  return image;
}

function isFamily(name: string): name is Family {
  return Object.hasOwn(families, name);
}
