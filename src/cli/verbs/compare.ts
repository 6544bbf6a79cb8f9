/** @file `compare`: one table over runs that are there, with the command of each row. */
import { comparisonSchema } from '../../config/comparison-options.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  schema: comparisonSchema,
  words: [{ name: 'runs', help: 'folders of runs, finished or under way', many: true }],
  async run({ words, values: { comparison: options }, print }) {
    const [{ compareRuns }, { comparisonMarkdown }] = await Promise.all([
      import('../../trained/comparison/compare.ts'),
      import('../../trained/comparison/markdown.ts'),
    ]);
    const comparison = await compareRuns(words);
    print(comparisonMarkdown(comparison).trimEnd());
    if (options.report !== null) {
      const { writeComparison } = await import('../../trained/comparison/write.ts');
      print(`\nreport: ${(await writeComparison(options.report, comparison)).html}`);
    }
    const { runs, remarks } = comparison;
    return { json: { runs: runs.map(({ curves: _, ...run }) => run), remarks } };
  },
});
