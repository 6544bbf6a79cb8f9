/** @file `export`: the model of a run, or of several as one, as a bundle that answers queries. */
import { exportSchema } from '../../config/export-options.ts';
import { checkpointOf } from '../checkpoint.ts';
import { sizeText } from '../machine.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  schema: exportSchema,
  words: [{ name: 'run', help: 'folder of the run' }],
  async run({ words: [run], values: { bundle, pictures, verify, machine }, progress, print }) {
    const [{ exportBundle }, { comparisonText }, { datasetOfRun }] = await Promise.all([
      import('../../bundle/export.ts'),
      import('../../bundle/card.ts'),
      import('../run-data.ts'),
    ]);
    const dataset = verify.inputs === 'val' ? await datasetOfRun(run, verify) : undefined;
    const exported = await exportBundle({
      run,
      ensemble: bundle.ensemble,
      checkpoint: checkpointOf(bundle.checkpoint),
      out: bundle.out,
      name: bundle.name ?? undefined,
      replace: bundle.replace,
      dataset,
      features: verify.features ?? undefined,
      backbone: pictures.backbone ?? undefined,
      preprocessing: pictures.preprocessing ?? undefined,
      device: machine.device,
      threads: machine.threads || undefined,
      command: process.argv.slice(2),
      progress,
    });
    progress.finish();
    const { folder, name, dimension, fingerprint, bytes, takesPictures, verification } = exported;
    const { inputs, images, texts, pictures: files } = verification;
    const from = inputs === 'val' ? 'of the validation split' : 'drawn from a seed';
    const steps = [exported, ...exported.ensemble].map(({ step }) => step).join(' + ');
    print(`${folder}: ${name}, step ${steps}, ${dimension} dimensions, ${sizeText(bytes)}`);
    print(`fingerprint ${fingerprint}`);
    print(`compared with the trained model on inputs ${from}:`);
    print(`  images: ${comparisonText(images)}`);
    print(`  texts: ${comparisonText(texts)}`);
    if (files) print(`  picture files: ${comparisonText(files)}`);
    if (!takesPictures) print('it encodes features and texts, no pictures');
    return { json: exported };
  },
});
