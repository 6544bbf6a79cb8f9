/** @file What the demo's model knows of scenes it has never seen: recalls, and answers to fixed queries with their truth. */
import { join } from 'node:path';
import type { Bundle } from '../../bundle/open.ts';
import type { ImageRecord } from '../../data/dataset.ts';
import { captionsOf } from '../../data/relation.ts';
import { demoQueries, satisfies } from '../../demo/queries.ts';
import type { Scene } from '../../demo/scene.ts';
import { evaluate } from '../../evaluation/protocols.ts';
import { relationOf } from '../../evaluation/relation.ts';
import type { EvaluationResult } from '../../evaluation/result.ts';
import { embeddingScores } from '../../evaluation/scores.ts';
import { openIndex } from '../../index/index-folder.ts';
import { search } from '../../search/search.ts';
import { sheetOf } from '../../search/sheet/sheet.ts';
import { writeSheet } from '../../search/sheet/write.ts';

/** One query of the demo, answered. */
export interface Answer {
  readonly text: string;
  readonly topId: string;
  /** Whether the first picture shows what was asked for. */
  readonly hit: boolean;
}

/** Recalls on held-out scenes, by the exported bundle. */
export async function heldOutRecalls(bundle: Bundle, images: readonly ImageRecord[]): Promise<EvaluationResult> {
  const pictures = await bundle.encodeImages(images.map(({ path }) => path!));
  const texts = await bundle.encodeTexts(captionsOf(images).map(({ text }) => text));
  const { dimension } = bundle;
  const rows = (vectors: readonly (Float32Array | { error: string })[]) => {
    const all = new Float32Array(vectors.length * dimension);
    vectors.forEach((vector, i) => {
      if (!(vector instanceof Float32Array)) throw new Error(vector.error);
      all.set(vector, i * dimension);
    });
    return all;
  };
  const scores = embeddingScores({ images: rows(pictures), captions: rows(texts), dimension });
  const { result } = await evaluate(scores, relationOf(images), { split: 'val', facts: { featureSource: 'pixels' } });
  return result;
}

/** Answers the fixed queries from the index, with a contact sheet of each below a folder. */
export async function answerQueries(
  bundle: Bundle,
  index: string,
  scenes: ReadonlyMap<string, Scene>,
  sheets: string,
): Promise<Answer[]> {
  const open = await openIndex(index);
  try {
    const answers: Answer[] = [];
    for (const [number, query] of demoQueries.entries()) {
      const asked = { text: query.text };
      const results = await search(open, bundle, { query: asked, top: 12 });
      const [first] = results;
      answers.push({ text: query.text, topId: first.id, hit: satisfies(scenes.get(first.id)!, query) });
      const name = `${String(number + 1).padStart(2, '0')}-${query.text.replaceAll(' ', '-')}`;
      const sheet = sheetOf(asked, results, `${scenes.size} scenes never trained on`);
      await writeSheet(join(sheets, `${name}.html`), sheet);
      if (number === 0) await writeSheet(join(sheets, `${name}.png`), sheet);
    }
    return answers;
  } finally {
    await open.store.close();
  }
}
