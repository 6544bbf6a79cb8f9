/** @file `features`: a frozen backbone over pictures, into a feature file. */
import { featuresSchema } from '../../config/features-options.ts';
import { figureText } from '../progress/words.ts';
import { defineVerb } from '../verb.ts';

/** How many of the unreadable pictures are named to people; all of them stand beside the feature file. */
const SHOWN = 10;

export const verb = defineVerb({
  schema: featuresSchema,
  words: [{ name: 'path', help: 'a data set, or a folder of pictures' }],
  saves: true,
  async run({ words: [path], values: { data, features, machine }, progress, signal, print }) {
    const [{ picturesAt }, { extractFeatures }, { readPreprocessing }] = await Promise.all([
      import('../pictures.ts'),
      import('../../data/features/extract.ts'),
      import('../../data/images/preprocessing.ts'),
    ]);
    const { images, captioned, quarantined } = await picturesAt(path, data);
    if (!captioned) progress.note(`${path}: no captions, so all ${images.length} pictures in it and below are taken`);
    if (quarantined.length > 0)
      progress.note(`${quarantined.length} records set aside; \`diptych data check\` lists them`);
    const { output, ...asked } = features;
    const extraction = await extractFeatures({
      ...asked,
      images,
      preprocessing: await readPreprocessing(features.preprocessing),
      ...(output !== null && { output }),
      ...(machine.threads > 0 && { threads: machine.threads }),
      progress,
      signal,
    });
    progress.finish();
    const { shape, unreadable, encoded, seconds } = extraction;
    for (const { file, reason } of unreadable.slice(0, SHOWN)) print(`${file}: ${reason}`);
    if (unreadable.length > SHOWN) print(`and ${unreadable.length - SHOWN} more unreadable pictures`);
    const rate = encoded > 0 ? `, ${figureText(encoded / seconds)} pictures a second` : '';
    print(`${extraction.path}: ${shape.join(' x ')} ${features.dtype}, ${encoded} pictures encoded now${rate}`);
    return { json: { ...extraction, rate: encoded > 0 ? encoded / seconds : null } };
  },
});
