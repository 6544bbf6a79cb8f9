/** @file What the training data say about concepts: plain data, kept with a run so that its programs can be built without them. */
import { z } from 'zod';
import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import { DiptychError } from '../../errors/error.ts';
import { type NodeFeatures, readNodeFeatures, textTowerFeatures } from './features.ts';
import type { CoderValues } from './options.ts';
import { type Concepts, conceptsSchema, countConcepts } from './vocabulary.ts';
import { openWordClasses } from './word-classes.ts';

export interface ConceptFacts {
  readonly concepts: Concepts;
  readonly features: NodeFeatures;
}

/** Concepts and node features as JSON. */
export const conceptFactsSchema: z.ZodType<ConceptFacts> = z.strictObject({
  concepts: conceptsSchema,
  features: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('trained'), width: z.int().min(1) }),
    z.strictObject({ kind: z.literal('given'), width: z.int().min(1), data: z.array(z.number()) }),
    z.strictObject({ kind: z.literal('text'), table: z.string(), ids: z.array(z.array(z.int().min(0)).min(1)) }),
  ]),
});

/** Width of a node table that is trained: that of usual word vectors. */
const trainedWidth = 300;

/** What the text side offers. */
export interface TextSide {
  readonly tokenizer: Tokenizer;
  /** Dotted path of the table of word vectors in the text tower's parameters (`encoder.words.weight`), if it has one. */
  readonly table: string | undefined;
}

/**
 * Counts concepts and says what their nodes begin as. `auto` takes the first there is: a file of vectors, the text tower's table,
 * a trained table.
 *
 * @param captions texts of the training splits
 * @returns undefined without the concept branch
 * @throws DIPTYCH_CODER_CONCEPTS, DIPTYCH_WORD_VECTORS, DIPTYCH_CODER_TABLE, DIPTYCH_WORDNET_MISSING, DIPTYCH_FILE_…, DIPTYCH_JSON_…
 */
export async function gatherConcepts(
  { concepts: values }: CoderValues,
  captions: readonly string[],
  text: TextSide,
): Promise<ConceptFacts | undefined> {
  if (!values.branch) return undefined;
  const { size, minimumCount, keepBe, classes, wordnetClasses } = values;
  const classOf = await openWordClasses(classes, wordnetClasses);
  const concepts = countConcepts(captions, { size, minimumCount, keepBe, classOf });
  return { concepts, features: await featuresOf(values, concepts.words, text) };
}

async function featuresOf(
  { features, vectors }: CoderValues['concepts'],
  words: readonly string[],
  { tokenizer, table }: TextSide,
): Promise<NodeFeatures> {
  if (vectors !== null && (features === 'auto' || features === 'vectors')) {
    return readNodeFeatures(vectors, words);
  }
  if (table !== undefined && features !== 'trained') return textTowerFeatures(tokenizer, words, table);
  if (features === 'text-tower') throw new DiptychError('DIPTYCH_CODER_TABLE', {});
  return { kind: 'trained', width: trainedWidth };
}
