/** @file `diagnose`: what is odd about a trained space: hubs, gap, collapse, scores, and what its objectives did. */
import { diagnosisSchema } from '../../config/diagnosis-options.ts';
import type { Diagnosis } from '../../trained/diagnosis/diagnose.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  schema: diagnosisSchema,
  words: [{ name: 'model', help: 'folder of a run or a bundle' }],
  async run({ words: [model], values, print, progress, signal }) {
    const { diagnoseModel } = await import('../diagnosing.ts');
    const { diagnosis, write } = await diagnoseModel(model, values, { progress, signal });
    print(textOf(diagnosis));
    const { report } = values.diagnosis;
    if (report !== null) {
      const { html, quarantined } = await write(report);
      for (const { file, reason } of quarantined) progress.note(`${file}: ${reason}`);
      print(`report: ${html}`);
    }
    return { json: diagnosis };
  },
});

function textOf({
  model,
  split,
  similarities,
  alignment,
  uniformity,
  modalityGap,
  spectrum,
  hubness,
}: Diagnosis): string {
  const both = (name: string, of: 'images' | 'captions', value: string): string => `${name}, ${of}: ${value}`;
  const kinds = ['images', 'captions'] as const;
  return [
    `${model} on ${split}`,
    `separation of matched and random pairs: ${similarities.separation.toFixed(3)}`,
    `alignment: ${alignment.toFixed(3)}`,
    `modality gap: ${modalityGap.toFixed(3)}`,
    ...kinds.map((of) => both('uniformity', of, uniformity[of].toFixed(3))),
    ...kinds.map((of) =>
      both('effective rank', of, `${spectrum[of].effectiveRank.toFixed(1)} of ${spectrum[of].dimension}`),
    ),
    ...kinds.map((of) =>
      both(
        'hubness',
        of,
        `${hubness[of].skewness.toFixed(2)}, ${(100 * hubness[of].never).toFixed(1)} % never come up`,
      ),
    ),
  ].join('\n');
}
