/** @file `eval`: recalls of a run or a bundle on a split, alone or as an ensemble, with judgements and a report. */
import { evaluationSchema } from '../../config/evaluation-options.ts';
import type { ValuesOf } from '../../config/option.ts';
import type { AtEachK, DirectionAgreement, RelevanceAgreement } from '../../evaluation/graded.ts';
import type { EvaluationResult } from '../../evaluation/result.ts';
import { cacheFolder } from '../../files/kept.ts';
import { relevanceSource } from '../../methods/bcls/options.ts';
import type { RelevanceSource } from '../../methods/bcls/relevance/open.ts';
import { checkpointOf } from '../checkpoint.ts';
import { defineVerb } from '../verb.ts';

type Evaluation = ValuesOf<(typeof evaluationSchema)['members']>['evaluation'];

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
    const wanted = { checkpoint: checkpointOf(evaluation.checkpoint), features: features.file ?? undefined, machine };
    const models = await Promise.all(folders.map((folder) => openModel(folder, wanted)));
    try {
      const images = await imagesToEvaluate({ model, data, split, features: features.file !== null });
      const given = {
        ...{ split, folds, resamples, progress, signal },
        judgements: judgements ?? undefined,
        beta: evaluation.beta ?? undefined,
        relevance: relevanceOf(evaluation),
      };
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

/** What people should know beside the table. */
function remarks({ ties, judgements, relevance, protocol }: EvaluationResult): string[] {
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
  if (relevance) lines.push(...agreementLines(relevance));
  if (protocol.testRun !== undefined)
    lines.push(`test run number ${protocol.testRun} of this model, written down beside it`);
  return lines;
}

/** Agreement with relevance: tau of both directions, then each with what its best K candidates are worth. */
function agreementLines({ tau, imageToText, textToImage }: RelevanceAgreement): string[] {
  const shown = (value: number | null): string => value?.toFixed(3) ?? 'not defined';
  const each = (name: string, found: AtEachK): string[] =>
    Object.entries(found).map(([k, value]) => `${name}@${k} ${shown(value)}`);
  const line = (name: string, found: DirectionAgreement): string =>
    `  ${name}: ${[`tau-b ${shown(found.tau)}`, ...each('Tau', found.tauAt), ...each('NCS', found.ncsAt)].join(', ')}`;
  return [
    `relevance: tau-b ${shown(tau)} over ${imageToText.anchors + textToImage.anchors} anchors`,
    line('image to text', imageToText),
    line('text to image', textToImage),
  ];
}

/** The result as programs read it; what was set aside is counted. */
function jsonOf({ judgements, ...result }: EvaluationResult): unknown {
  if (judgements === undefined) return result;
  return { ...result, judgements: { ...judgements, quarantined: judgements.quarantined.length } };
}

/** Where degrees of relevance come from; undefined for none. */
function relevanceOf({ relevance, relevanceFile: file }: Evaluation): RelevanceSource | undefined {
  if (relevance === 'none') return undefined;
  return relevanceSource({ labels: relevance, file, aggregate: 'max' }, cacheFolder());
}
