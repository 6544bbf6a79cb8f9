/** @file `index optimize`: puts an index in order and measures how it is best searched. */
import { indexOptimizeSchema } from '../../config/index-options.ts';
import { bytesIn } from '../../config/size.ts';
import { defineVerb } from '../verb.ts';
import { folderWord } from './index-words.ts';

export const verb = defineVerb({
  schema: indexOptimizeSchema,
  words: [folderWord],
  async run({ words: [folder], values: { index }, progress, print }) {
    const { optimizeIndex } = await import('../../index/manage.ts');
    const recall = index.recall ?? undefined;
    const memory = index.memory === null ? undefined : bytesIn(index.memory);
    const { graph, reasons } = await optimizeIndex(folder, { recall, memory, progress });
    progress.finish();
    for (const reason of reasons) print(reason);
    return { json: { index: folder, recall: graph?.recall ?? 1, candidates: graph?.candidates ?? null, reasons } };
  },
});
