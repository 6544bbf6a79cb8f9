/** @file How a folder of the sentence-transformers library makes sentence vectors: modules.json, its pooling, its length. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DiptychError } from '../../errors/error.ts';
import { readJson } from '../../files/json.ts';
import type { SequencePooling } from './pooling.ts';

/** How vectors are made; what the folder does not say is undefined. */
export interface SentenceSettings {
  readonly pooling: SequencePooling | undefined;
  /** Most tokens of a text. */
  readonly maxLength: number | undefined;
}

const modulesSchema = z.array(
  z.looseObject({ type: z.string(), path: z.string().regex(/^([\w-][\w.-]*)?$/, 'not the name of a folder') }),
);
const lengthSchema = z.looseObject({ max_seq_length: z.int().positive().nullish() });

const prefix = 'pooling_mode_';
const poolingSchema = z.record(z.string(), z.unknown());

/** Their names of what can be followed. */
const poolings: Readonly<Record<string, SequencePooling>> = {
  mean_tokens: { kind: 'mean' },
  max_tokens: { kind: 'max' },
  cls_token: { kind: 'cls' },
  lasttoken: { kind: 'last' },
};

/** What may follow the Transformer. Vectors are brought to unit length whether or not a module says so. */
const modules = ['Transformer', 'Pooling', 'Normalize'];

/**
 * Reads how sentence vectors are made.
 *
 * @throws DIPTYCH_PRETRAINED_SENTENCE for a module or a pooling that cannot be followed, and what `readJson` throws
 */
export async function readSentenceSettings(folder: string): Promise<SentenceSettings> {
  const listed = await readIfThere(join(folder, 'modules.json'), modulesSchema);
  const kindOf = (type: string) => type.slice(type.lastIndexOf('.') + 1);
  const other = listed?.find(({ type }) => !modules.includes(kindOf(type)));
  if (other) throw sentenceError(folder, `it has a module of type ${other.type}`);
  const place = listed?.find(({ type }) => kindOf(type) === 'Pooling')?.path ?? '1_Pooling';
  const pooling = await readIfThere(join(folder, place, 'config.json'), poolingSchema);
  const length = await readIfThere(join(folder, 'sentence_bert_config.json'), lengthSchema);
  return { pooling: pooling && poolingOf(folder, pooling), maxLength: length?.max_seq_length ?? undefined };
}

function poolingOf(folder: string, config: Readonly<Record<string, unknown>>): SequencePooling {
  const chosen = Object.entries(config)
    .filter(([name, value]) => name.startsWith(prefix) && value === true)
    .map(([name]) => name.slice(prefix.length));
  const pooling = chosen.length === 1 && Object.hasOwn(poolings, chosen[0]) ? poolings[chosen[0]] : undefined;
  if (!pooling) throw sentenceError(folder, `it pools by ${chosen.join(' and ') || 'nothing that is known'}`);
  return pooling;
}

async function readIfThere<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | undefined> {
  return existsSync(path) ? await readJson(path, schema) : undefined;
}

function sentenceError(folder: string, problem: string) {
  return new DiptychError('DIPTYCH_PRETRAINED_SENTENCE', { folder, problem });
}
