/** @file `demo`: scenes drawn from a seed, a model trained on them from scratch, and searches among scenes it has never seen. */
import { resolve as absolute, join } from 'node:path';
import { demoSchema } from '../../config/demo-options.ts';
import type { DemoFolder } from '../demo/folder.ts';
import { durationText } from '../progress/words.ts';
import { type Call, defineVerb } from '../verb.ts';

export const verb = defineVerb({
  schema: demoSchema,
  saves: true,
  async run({ values: { demo, serving, machine }, print, progress, signal }) {
    const began = performance.now();
    const [
      { clearDemo },
      { writeDemoDataset },
      { readDataset },
      { imagesOf },
      { trainDemo },
      { heldOutRecalls, answerQueries },
    ] = await Promise.all([
      import('../demo/folder.ts'),
      import('../../demo/write.ts'),
      import('../../data/dataset.ts'),
      import('../../data/relation.ts'),
      import('../demo/train.ts'),
      import('../demo/answers.ts'),
    ]);
    const folder = await clearDemo(absolute(demo.folder));

    print(`drawing ${demo.scenes + demo.heldOut} captioned scenes`);
    const { scenes: train, heldOut: val, seed } = demo;
    const drawn = await writeDemoDataset(folder.data, { train, val, seed, progress });
    const dataset = await readDataset(folder.data);
    const { result: training, bundle } = await trainDemo({
      ...demo,
      machine,
      dataset,
      folder,
      print,
      progress,
      signal,
    });
    if (training.ended === 'interrupted' || !bundle) return { json: null, exit: training.exit };

    try {
      const [{ resultTable }, { createIndex }, { folderSource }] = await Promise.all([
        import('../../evaluation/report/markdown.ts'),
        import('../../index/manage.ts'),
        import('../../index/source.ts'),
      ]);
      const images = imagesOf(dataset, 'val');
      const recalls = await heldOutRecalls(bundle, images);
      print(`\nrecalls among ${images.length} scenes of combinations never trained on\n\n${resultTable(recalls)}\n`);
      await createIndex(folder.index, bundle, [await folderSource(join(folder.data, 'images', 'val'))], { progress });
      progress.finish();
      const held = new Map(images.map(({ id }) => [id, drawn.get(id)!]));
      const answers = await answerQueries(bundle, folder.index, held, folder.sheets);
      for (const { text, topId, hit } of answers) print(`${hit ? 'hit ' : 'miss'}  ${text}  ->  ${topId}`);
      const seconds = (performance.now() - began) / 1000;
      const chanceRsum = recalls.chance.rsum;
      print(`\nrSum ${recalls.rsum.toFixed(1)}, chance ${chanceRsum.toFixed(1)}; ${durationText(seconds)}`);
      print(`contact sheets: ${folder.sheets}`);
      print(`search on: diptych search "a green star" --index ${folder.index} --sheet sheet.html`);
      if (serving.serve) await serveDemo(folder, serving.port, { print, progress, signal });
      return { json: { rsum: recalls.rsum, chanceRsum, seconds, queries: answers } };
    } finally {
      await bundle.close();
    }
  },
});

/** Serves what the demo made until a signal comes. */
async function serveDemo(
  { bundle, index }: DemoFolder,
  port: number,
  { print, progress, signal }: Pick<Call, 'print' | 'progress' | 'signal'>,
): Promise<void> {
  const { serveUntil, plainServing } = await import('../serving.ts');
  const speech = { print, note: (line: string) => progress.note(line) };
  await serveUntil(signal, { bundles: [bundle], indexes: [index] }, plainServing(port), speech);
}
