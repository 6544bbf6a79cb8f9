/** @file `eval`: recalls of a run or a bundle on a split, alone or as an ensemble, with judgements and a report. */
import { evaluationSchema } from '../../config/evaluation-options.ts';
import type { EvaluationResult } from '../../evaluation/result.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  schema: evaluationSchema,
  words: [{ name: 'model', help: 'folder of a run or a bundle' }],
  async run({ words: [model], values: { evaluation, data, features, machine }, print, progress, signal }) {
    const [{ openModel }, { evaluateModels }, { resultTable }, { imagesToEvaluate }, { captionsOf }] =
      await Promise.all([
        import('../../trained/open.ts'),
        import('../../trained/evaluate.ts'),
        import('../../evaluation/report/markdown.ts'),
        import('../evaluation-data.ts'),
        import('../../data/relation.ts'),
      ]);
    const { split, folds, resamples, ensemble, judgements, report } = evaluation;
    const folders = [model, ...ensemble];
    const wanted = { checkpoint: wantedOf(evaluation.checkpoint), features: features.file ?? undefined, machine };
    const models = await Promise.all(folders.map((folder) => openModel(folder, wanted)));
    try {
      const images = await imagesToEvaluate({ model, data, split, features: features.file !== null });
      const given = { split, folds, resamples, judgements: judgements ?? undefined, progress, signal };
      const evaluated = await evaluateModels(models, images, given);
      progress.finish();
      const { result } = evaluated;
      const title = models.map(({ name }) => name).join(' + ');
      print(`${title} on ${split}: ${result.images} images, ${result.captions} captions\n`);
      print(`${resultTable(result)}\n`);
      print(`rSum ${result.rsum.toFixed(1)}, by chance ${result.chance.rsum.toFixed(1)}`);
      for (const line of remarks(result)) print(line);
      if (report !== null) {
        const { writeReport } = await import('../../evaluation/report/write.ts');
        const captions = captionsOf(images).map(({ text }) => text);
        const pictures = images.map(({ path }) => path);
        const { html, quarantined } = await writeReport(report, { ...evaluated, title, captions, pictures });
        for (const { file, reason } of quarantined) progress.note(`${file}: ${reason}`);
        print(`report: ${html}`);
      }
      return { json: jsonOf(result) };
    } finally {
      await Promise.all(models.map((each) => each.close()));
    }
  },
});

function wantedOf(checkpoint: string): 'best' | 'last' | number {
  return checkpoint === 'best' || checkpoint === 'last' ? checkpoint : Number(checkpoint);
}

/** What people should know beside the table. */
function remarks({ ties, judgements, protocol }: EvaluationResult): string[] {
  const { optimistic, pessimistic, imageQueries, textQueries } = ties;
  const lines: string[] = [];
  if (imageQueries + textQueries > 0) {
    const [low, high] = [pessimistic, optimistic].map(({ rsum }) => rsum.toFixed(1));
    lines.push(`ties decide ${imageQueries + textQueries} queries: rSum ${low} against the model, ${high} for it`);
  }
  if (judgements) {
    const [b, c] = [judgements.tauB, judgements.tauC].map((tau) => tau?.toFixed(3) ?? 'not defined');
    lines.push(`judgements (${judgements.format}): tau-b ${b}, tau-c ${c} over ${judgements.pairs} pairs`);
    if (judgements.quarantined.length > 0) lines.push(`${judgements.quarantined.length} lines of judgements set aside`);
  }
  if (protocol.testRun !== undefined)
    lines.push(`test run number ${protocol.testRun} of this model, written down beside it`);
  return lines;
}

/** The result as programs read it; what was set aside is counted. */
function jsonOf({ judgements, ...result }: EvaluationResult): unknown {
  if (!judgements) return result;
  return { ...result, judgements: { ...judgements, quarantined: judgements.quarantined.length } };
}
