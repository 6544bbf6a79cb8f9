/** @file `train`: from captioned pictures or their features to a model, in a run folder that can be resumed and repeated. */
import { absolutePaths } from '../../config/paths.ts';
import { readsPictures } from '../../config/training.ts';
import { trainingPresets } from '../../methods/presets.ts';
import { trainingSchema } from '../../methods/schema.ts';
import { datasetOptions } from '../dataset.ts';
import { durationText } from '../progress/words.ts';
import { recordedConfiguration } from '../training/recorded.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  schema: trainingSchema,
  presets: trainingPresets,
  saves: true,
  standing: recordedConfiguration,
  async run({ values: given, settled, print, progress, signal }) {
    const [{ readDataset }, { startTraining }, { labNote }, { newRunFolder }] = await Promise.all([
      import('../../data/dataset.ts'),
      import('../../training/setup/start.ts'),
      import('../../training/setup/note.ts'),
      import('../training/folder.ts'),
    ]);
    const values = absolutePaths(trainingSchema.members, given);
    const { preset } = settled;
    const folder = values.run.directory ?? newRunFolder(preset?.name ?? values.loss.kind);
    // Stored features stand for the pictures: those need not be there.
    const images = !readsPictures(values.image.kind) && { images: false as const };
    const dataset = await readDataset(values.data.path, { ...datasetOptions(values.data), ...images });
    if (dataset.quarantined.length > 0)
      progress.note(`${dataset.quarantined.length} records set aside; \`diptych data check\` lists them`);
    if (preset) print(`${preset.name}: ${preset.summary}\n\n${preset.notes}\n\nExpect: ${preset.expect}\n`);
    const { steps, epochs, seconds, best, exit, ended } = await startTraining({
      values,
      preset: preset?.name,
      dataset,
      folder,
      command: process.argv.slice(2),
      progress,
      signal,
      onStart: (summary) => print(`${labNote(summary).join('\n')}\n`),
    });
    progress.finish();
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
