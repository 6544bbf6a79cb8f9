/** @file Reads a pretrained model from its folder, whatever its family; or sets one up again from its description. */
import { z } from 'zod';
import { preprocessingSchema } from '../../data/images/preprocessing.ts';
import { DiptychError } from '../../errors/error.ts';
import { describeProblems, readJson } from '../../files/json.ts';
import { bert } from './bert.ts';
import { clip } from './clip.ts';
import type { PretrainedImageEncoder, PretrainedTextEncoder } from './encoder.ts';
import type { Encoders, Family } from './family.ts';
import { configPath, fingerprintOf, readWeights } from './folder.ts';
import { readPreprocessor } from './preprocessor.ts';
import { vit } from './vit.ts';
import { emptyWeights, takeWeights } from './weights.ts';

/** `model_type` of the families that can be read. */
export const familyNames = ['bert', 'vit', 'clip'] as const;
export type FamilyName = (typeof familyNames)[number];

/** All of a model but its weights, as plain data: for a run folder, or for another thread. */
export const pretrainedDescriptionSchema = z.strictObject({
  /** Where it was read from. */
  folder: z.string(),
  /** `model_type` of config.json. */
  family: z.enum(familyNames),
  /** config.json. */
  config: z.record(z.string(), z.json()),
  /** Of models that read pictures. */
  preprocessing: preprocessingSchema.optional(),
  /** Whether the weights hold a pooler. */
  pooler: z.boolean(),
  /** Of a model with both sides: what cosines were divided by in its training. */
  temperature: z.number().positive().optional(),
  /** SHA-256 (hex) of configuration and weights. */
  fingerprint: z.string(),
});
export type PretrainedDescription = z.output<typeof pretrainedDescriptionSchema>;

/** A model: the sides that it has. */
export interface Pretrained extends Encoders {
  readonly description: PretrainedDescription;
}

/** A model with its weights. */
export interface ReadPretrained extends Pretrained {
  /** Tensors of the file that belong to no encoder, such as heads of other tasks. */
  readonly leftOut: readonly string[];
}

/** What can be done with a family, whatever its configuration looks like. */
interface Reader {
  read(folder: string, family: FamilyName): Promise<ReadPretrained>;
  restore(description: PretrainedDescription): Encoders;
}

const families: Readonly<Record<FamilyName, Reader>> = { bert: reading(bert), vit: reading(vit), clip: reading(clip) };

const anyConfig = z.looseObject({ model_type: z.string() });

/**
 * Reads a model folder: config.json, model.safetensors (or its parts), preprocessor_config.json where pictures are read.
 *
 * @returns encoders whose parameters begin as the weights
 * @throws DIPTYCH_PRETRAINED_FAMILY, DIPTYCH_PRETRAINED_FILES, DIPTYCH_PRETRAINED_TENSORS, and what `readJson` and
 *   `readSafetensors` throw
 */
export async function readPretrained(folder: string): Promise<ReadPretrained> {
  const { model_type: found } = await readJson(configPath(folder), anyConfig);
  const family = familyNames.find((name) => name === found);
  if (family === undefined) throw new DiptychError('DIPTYCH_PRETRAINED_FAMILY', { folder, found, known: familyNames });
  return families[family].read(folder, family);
}

/**
 * Sets a model up without its folder: the same encoders, whose parameters begin at zero. For programs that are given their
 * state, such as those of a resumed run.
 *
 * @throws DIPTYCH_JSON_SHAPE if the configuration is none of its family
 */
export function describedPretrained(description: PretrainedDescription): Pretrained {
  return { description, ...families[description.family].restore(description) };
}

/** The text encoder. @throws DIPTYCH_PRETRAINED_SIDE if the model has none */
export function requireText({ description: { folder, family }, text }: Pretrained): PretrainedTextEncoder {
  if (!text) throw new DiptychError('DIPTYCH_PRETRAINED_SIDE', { folder, family, side: 'text' });
  return text;
}

/** The image encoder. @throws DIPTYCH_PRETRAINED_SIDE if the model has none */
export function requireImage({ description: { folder, family }, image }: Pretrained): PretrainedImageEncoder {
  if (!image) throw new DiptychError('DIPTYCH_PRETRAINED_SIDE', { folder, family, side: 'image' });
  return image;
}

function reading<C>({ schema, naming, pictures, encoders, temperature }: Family<C>): Reader {
  return {
    read: async (folder, family) => {
      const config = await readJson(configPath(folder), schema);
      const preprocessing = pictures && (await readPreprocessor(folder, pictures(config)));
      const tensors = await readWeights(folder);
      const { leftOut, ...weights } = takeWeights(folder, tensors, naming(config));
      const description: PretrainedDescription = {
        folder,
        family,
        config: JSON.parse(JSON.stringify(config)),
        preprocessing,
        pooler: weights.optional !== undefined,
        temperature: temperature?.(weights.parameters),
        fingerprint: fingerprintOf(config, tensors),
      };
      return { description, leftOut, ...encoders({ folder, config, weights, preprocessing }) };
    },
    restore: ({ folder, config: json, preprocessing, pooler }) => {
      const checked = schema.safeParse(json);
      if (!checked.success) {
        throw new DiptychError('DIPTYCH_JSON_SHAPE', {
          path: configPath(folder),
          problems: describeProblems(checked.error),
        });
      }
      const config = checked.data;
      return encoders({ folder, config, weights: emptyWeights(naming(config), pooler), preprocessing });
    },
  };
}
