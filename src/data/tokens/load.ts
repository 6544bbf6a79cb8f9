/** @file Any tokenizer from its JSON: one of Diptych's own, a Hugging Face tokenizer.json, or a SCAN vocabulary. */
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { DiptychError } from '../../errors/error.ts';
import { describeProblems, readJson } from '../../files/json.ts';
import { HuggingFaceTokenizer, maxLengthOf, tokenizerConfigSchema, tokenizerFileSchema } from './huggingface.ts';
import { scanSchema, scanVocabulary } from './scan.ts';
import type { Tokenizer } from './tokenizer.ts';
import { WordTokenizer } from './word-tokenizer.ts';

const maxLength = z.int().positive();
const wordListSchema = z.object({
  kind: z.enum(['vocabulary', 'scan']),
  maxLength,
  words: z.array(z.string()),
});
const huggingFaceSchema = z.object({
  kind: z.literal('huggingface'),
  maxLength,
  tokenizer: tokenizerFileSchema,
  config: tokenizerConfigSchema,
});

/**
 * Makes the tokenizer that a JSON value describes.
 *
 * @param json what `toJSON` gave (told by `kind`), a parsed tokenizer.json, or a parsed SCAN vocabulary
 * @param source what to name in errors, such as the path it was read from
 * @throws DIPTYCH_TOKENS_KIND if it is none of these, DIPTYCH_TOKENS_DAMAGED or DIPTYCH_TOKENS_UNSUPPORTED if it
 *   cannot be used
 */
export function tokenizerFromJSON(json: unknown, source = 'tokenizer'): Tokenizer {
  return fromFiles(json, {}, source);
}

/**
 * Reads a tokenizer file, or the tokenizer.json of a model folder; tokenizer_config.json and special_tokens_map.json
 * beside it are heeded.
 *
 * @throws what `tokenizerFromJSON` and `readJson` throw
 */
export async function readTokenizer(path: string): Promise<Tokenizer> {
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'tokenizer.json') : path;
  const json = await readJson(file, z.unknown());
  const beside = (name: string) => join(dirname(file), name);
  const readIfThere = (name: string) => (existsSync(beside(name)) ? readJson(beside(name), tokenizerConfigSchema) : {});
  const config = { ...(await readIfThere('special_tokens_map.json')), ...(await readIfThere('tokenizer_config.json')) };
  return fromFiles(json, config, file);
}

function fromFiles(json: unknown, config: z.output<typeof tokenizerConfigSchema>, source: string): Tokenizer {
  const has = (key: string) => typeof json === 'object' && json !== null && Object.hasOwn(json, key);
  const kind = has('kind') ? (json as { kind: unknown }).kind : undefined;
  if (kind === 'vocabulary' || kind === 'scan') return new WordTokenizer(check(wordListSchema, json, source), source);
  if (kind === 'huggingface') return new HuggingFaceTokenizer(check(huggingFaceSchema, json, source), source);
  if (has('model') && !has('kind')) {
    const tokenizer = check(tokenizerFileSchema, json, source);
    const length = maxLengthOf(tokenizer, config);
    return new HuggingFaceTokenizer({ kind: 'huggingface', maxLength: length, tokenizer, config }, source);
  }
  if (has('word2idx')) return scanVocabulary(check(scanSchema, json, source), source);
  const found = kind === undefined ? typeOf(json) : `its kind is ${JSON.stringify(kind)}`;
  throw new DiptychError('DIPTYCH_TOKENS_KIND', { source, kind: found });
}

function check<S extends z.ZodType>(schema: S, json: unknown, source: string): z.output<S> {
  const checked = schema.safeParse(json);
  if (checked.success) return checked.data;
  throw new DiptychError('DIPTYCH_TOKENS_DAMAGED', { source, reason: describeProblems(checked.error).join('; ') });
}

function typeOf(json: unknown): string {
  if (Array.isArray(json)) return 'it is a list';
  if (typeof json !== 'object' || json === null) return `it is ${json === null ? 'null' : `a ${typeof json}`}`;
  return `its keys are ${Object.keys(json).slice(0, 5).join(', ') || 'none'}`;
}
