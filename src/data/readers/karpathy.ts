/** @file The JSON of the Karpathy splits (`dataset_flickr8k.json`, `dataset_coco.json` …) with a folder of pictures. */
import { z } from 'zod';
import { readJson } from '../../files/json.ts';
import type { Reader } from '../dataset.ts';
import { splitNamed } from '../splits.ts';

const fileSchema = z.object({ dataset: z.string().optional(), images: z.array(z.unknown()) });

const imageSchema = z.object({
  filename: z.string(),
  filepath: z.string().optional(),
  split: z.string(),
  sentences: z.array(z.object({ raw: z.string() })),
  imgid: z.number().optional(),
  cocoid: z.number().optional(),
});

/**
 * An image's id is its file name, a caption's is `FILE#k` with k its position: the ids of the human judgements of
 * Flickr8k. `imgid` and `cocoid`, by which feature files go, become metadata.
 */
export const readKarpathy: Reader = async function readKarpathy({ source, gatherer, pictures }) {
  const [{ path: file }] = source.files;
  const content = await readJson(file, fileSchema);
  for (const found of gatherer.wellFormed(file, 'images', content.images, imageSchema)) {
    const { filename, filepath, sentences, imgid, cocoid } = found;
    const split = splitNamed(found.split);
    if (split === undefined) {
      gatherer.quarantine({ file }, 'unknown-split', `an unknown split "${found.split}"`, filename);
      continue;
    }
    const names = filepath === undefined ? [filename] : [`${filepath}/${filename}`, filename];
    const path = await pictures?.find(...names);
    if (pictures !== undefined && path === undefined) {
      gatherer.quarantine({ file }, 'missing-file', `no picture ${names[0]}`, filename);
      continue;
    }
    const metadata = { ...(imgid === undefined ? {} : { imgid }), ...(cocoid === undefined ? {} : { cocoid }) };
    const image = gatherer.addImage({ id: filename, path, split, metadata }, { file });
    if (image !== undefined) for (const { raw } of sentences) gatherer.addCaption(image, raw, { file });
  }
  return content.dataset;
};
