/** @file COCO's `captions_*.json`: lists of images and of annotations that name their image. */
import { basename } from 'node:path';
import { z } from 'zod';
import { readJson } from '../../files/json.ts';
import type { Reader, Reading, Split } from '../dataset.ts';
import type { Draft } from './gather.ts';

const fileSchema = z.object({ images: z.array(z.unknown()), annotations: z.array(z.unknown()) });

const idSchema = z.union([z.number().int(), z.string().min(1)]).transform(String);
const imageSchema = z.object({
  id: idSchema,
  file_name: z.string(),
  width: z.number().optional(),
  height: z.number().optional(),
});
const annotationSchema = z.object({ id: idSchema, image_id: idSchema, caption: z.string() });

/** Ids are those of the file. The split is the one its name speaks of (`captions_val2014.json`), else `all`. */
export const readCoco: Reader = async function readCoco(reading) {
  for (const { path } of reading.source.files) await readFile(reading, path);
  return undefined;
};

async function readFile({ gatherer, pictures }: Reading, file: string): Promise<void> {
  const content = await readJson(file, fileSchema);
  const split = splitOfName(basename(file));
  // Captions may only join images of their own file; an image that was set aside takes its captions with it.
  const images = new Map<string, Draft | undefined>();
  for (const found of gatherer.wellFormed(file, 'images', content.images, imageSchema)) {
    const { id, file_name, width, height } = found;
    const path = await pictures?.find(file_name);
    if (pictures !== undefined && path === undefined) {
      gatherer.quarantine({ file }, 'missing-file', `no picture ${file_name}`, id);
      images.set(id, undefined);
      continue;
    }
    const metadata = {
      file_name,
      ...(width === undefined ? {} : { width }),
      ...(height === undefined ? {} : { height }),
    };
    const image = gatherer.addImage({ id, path, split, metadata }, { file });
    if (!images.has(id)) images.set(id, image);
  }
  for (const found of gatherer.wellFormed(file, 'annotations', content.annotations, annotationSchema)) {
    const { id, image_id, caption } = found;
    const image = images.get(image_id);
    if (image !== undefined) gatherer.addCaption(image, caption, { file }, id);
    else if (images.has(image_id))
      gatherer.quarantine({ file }, 'unknown-image', `its image ${image_id} was set aside`, id);
    else gatherer.quarantine({ file }, 'unknown-image', `there is no image ${image_id}`, id);
  }
}

function splitOfName(name: string): Split {
  const split = /train|val|test/.exec(name)?.[0];
  return split === 'train' || split === 'val' || split === 'test' ? split : 'all';
}
