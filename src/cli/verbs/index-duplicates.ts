/** @file `index duplicates`: pictures that are the same, or nearly, as groups to look at. */
import { duplicatesSchema } from '../../config/duplicates-options.ts';
import type { DuplicateGroup } from '../../index/duplicates/duplicates.ts';
import { defineVerb } from '../verb.ts';
import { folderWord } from './index-words.ts';

/** Groups that are printed; the page and `--json` have all. */
const SHOWN = 20;

export const verb = defineVerb({
  schema: duplicatesSchema,
  words: [folderWord],
  async run({ words: [folder], values: { duplicates }, progress, signal, print }) {
    const [{ openIndex }, { findDuplicates }, { duplicatesSummary, writeDuplicatesPage }] = await Promise.all([
      import('../../index/index-folder.ts'),
      import('../../index/duplicates/duplicates.ts'),
      import('../../search/sheet/duplicates.ts'),
    ]);
    const { by, threshold, sheet } = duplicates;
    const { store } = await openIndex(folder);
    try {
      const report = await findDuplicates(store, { by, threshold, progress, signal });
      const { groups, unread } = report;
      print(duplicatesSummary(report));
      for (const group of groups.slice(0, SHOWN)) print(textOf(group));
      if (groups.length > SHOWN) print(`… and ${groups.length - SHOWN} groups more: --sheet and --json have all`);
      for (const { reason } of unread) progress.note(`not looked at: ${reason}`);
      if (sheet !== null) {
        await writeDuplicatesPage(sheet, report);
        print(`written to ${sheet}`);
      }
      return { json: report };
    } finally {
      await store.close();
    }
  },
});

/** The picture that is kept, and below it how each of the others is like it. */
function textOf({ kept, others }: DuplicateGroup): string {
  const lines = others.map(({ id, by, score, size }) => `  ${by.padEnd(9)}  ${score.toFixed(3)}  ${id}  ${size ?? ''}`);
  return [`${kept.id}  ${kept.size ?? ''}`, ...lines].map((line) => line.trimEnd()).join('\n');
}
