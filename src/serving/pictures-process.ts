/** @file The process that encodes pictures: decoding, preprocessing, backbone, image model. */
import { readPicturePreprocessing, verifyFiles } from '../bundle/open.ts';
import {
  type PictureVector,
  pictureFailure,
  pictureMisfit,
  pictureModels,
  pictureVector,
  pictureViews,
} from '../bundle/pictures.ts';
import { BackboneProcess } from '../encoders/backbone/process.ts';
import { isDiptychError } from '../errors/error.ts';
import { type Bundled, requireManifest } from './bundled.ts';
import type { EncodingProcess } from './lane.ts';
import { unavailable } from './unavailable.ts';

/** A picture file, or the bytes of one. */
export interface PictureItem {
  readonly source: string | Uint8Array;
  readonly maxPixels: number | undefined;
}

/** @throws DIPTYCH_SERVING_UNAVAILABLE, DIPTYCH_BUNDLE_…, DIPTYCH_BACKBONE_… */
export async function startPictures(
  name: string,
  { folder, fingerprint, threads }: Bundled & { readonly threads: number },
  signal: AbortSignal,
): Promise<EncodingProcess<PictureItem, PictureVector>> {
  const manifest = await requireManifest({ folder, fingerprint });
  await verifyFiles(folder, manifest, ['image.onnx', 'backbone.onnx', 'preprocessing.json']);
  const models = pictureModels(folder, manifest.images, await readPicturePreprocessing(folder));
  const process = await BackboneProcess.start({ ...models, threads }, signal).catch((cause) => {
    throw pictureFailure(translated(name, cause));
  });
  const misfit = pictureMisfit(models.file.model, process.shape, manifest.dimension);
  if (misfit !== undefined) {
    await process.stop();
    throw misfit;
  }
  const views = pictureViews(manifest.images);
  return {
    pid: process.pid,
    ended: process.ended,
    stop: () => process.stop(),
    async encode(items) {
      const pictures = items.map((item) => ({ ...item, views }));
      const encoded = await process.encode(pictures).catch((cause) => {
        throw translated(name, cause);
      });
      // A copy: what came with a message keeps all of the message.
      return encoded.map((one) => copied(pictureVector(one, manifest.dimension)));
    },
  };
}

function copied(vector: PictureVector): PictureVector {
  return 'error' in vector ? vector : vector.slice();
}

/** A process that died is one more that cannot answer now. */
function translated(name: string, cause: unknown): unknown {
  if (!isDiptychError(cause, 'DIPTYCH_BACKBONE_DIED')) return cause;
  return unavailable(name, `its process ended: ${cause.fields.reason}`);
}
