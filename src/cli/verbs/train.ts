/** @file `train`: from captioned pictures or their features to a model, in a run folder that can be resumed and repeated. */
import { trainingPresets } from '../../methods/presets.ts';
import { trainingSchema } from '../../methods/schema.ts';
import { durationText } from '../progress/words.ts';
import { recordedConfiguration } from '../training/recorded.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  schema: trainingSchema,
  presets: trainingPresets,
  saves: true,
  standing: recordedConfiguration,
  async run({ values, settled, print, progress, signal }) {
    const { trainAsCalled } = await import('../training/train.ts');
    const { preset } = settled;
    const command = process.argv.slice(2);
    const { folder, steps, epochs, seconds, best, exit, ended } = await trainAsCalled({
      values,
      preset,
      command,
      print,
      progress,
      signal,
    });
    print(endText(ended, steps, seconds));
    if (best) print(`best val rSum ${best.rsum.toFixed(1)} at step ${best.step}; the run is in ${folder}`);
    return { json: { run: folder, steps, epochs, seconds, best: best ?? null }, exit };
  },
});

const endings = {
  finished: 'finished',
  early: 'stopped early: evaluations no longer became better',
  time: 'ended with its minutes',
  interrupted: 'stopped; go on with --resume',
} as const;

function endText(ended: keyof typeof endings, steps: number, seconds: number): string {
  return `${endings[ended]}: ${steps} steps in ${durationText(seconds)}`;
}
