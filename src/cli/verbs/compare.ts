/** @file `compare`: one table over runs that are there, or that it trains itself, with the command of each row. */
import { comparisonSchema } from '../../config/comparison-options.ts';
import { DiptychError } from '../../errors/error.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  schema: comparisonSchema,
  words: [{ name: 'runs', help: 'folders of runs, finished or under way', optional: true, many: true }],
  saves: true,
  async run({ words, values: { comparison: options }, print, progress, signal }) {
    const { presets, report } = options;
    if (words.length === 0 && presets.length === 0) {
      throw new DiptychError('DIPTYCH_ARGUMENT_MISSING', { verb: 'diptych compare', argument: 'RUNS or --presets' });
    }
    const [{ compareRuns }, { comparisonMarkdown }, { writeComparison }] = await Promise.all([
      import('../../trained/comparison/compare.ts'),
      import('../../trained/comparison/markdown.ts'),
      import('../../trained/comparison/write.ts'),
    ]);
    const onRun = async (folders: readonly string[]): Promise<void> => {
      if (report !== null) await writeComparison(report, await compareRuns([...folders, ...words]));
    };
    const plan =
      presets.length === 0
        ? { folders: [], remarks: [], exit: 0 }
        : await (await import('../comparing.ts')).trainPlan(options, { print, progress, signal, onRun });
    const compared = await compareRuns([...plan.folders, ...words]);
    const comparison = { ...compared, remarks: [...compared.remarks, ...plan.remarks] };
    print(comparisonMarkdown(comparison).trimEnd());
    if (report !== null) print(`\nreport: ${(await writeComparison(report, comparison)).html}`);
    const { runs, groups, remarks } = comparison;
    return { json: { runs: runs.map(({ curves: _, ...run }) => run), groups, remarks }, exit: plan.exit };
  },
});
