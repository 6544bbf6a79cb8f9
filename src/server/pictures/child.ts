/** @file The process that reads pictures for the service: what a decoder does wrong ends it and nothing else. */
import sharp from 'sharp';
import { readPicture, unreadablePicture } from '../../data/images/decode.ts';
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import { serveChild } from '../../system/child.ts';
import { endingOf } from './kinds.ts';
import type { Inspected, WorkshopRequest, WorkshopSetup } from './protocol.ts';

sharp.concurrency(1);
sharp.cache(false);

/** Thumbnails have little to lose. */
const QUALITY = 78;

serveChild<WorkshopSetup, WorkshopRequest>(async (limits) => ({
  greeting: undefined,
  handle: (request) =>
    request.kind === 'thumbnail' ? thumbnail(request.path, request.size, limits) : inspect(request.bytes, limits),
}));

async function thumbnail(path: string, size: number, limits: WorkshopSetup): Promise<Uint8Array> {
  const bytes = await readPicture(path, limits);
  return decoding(path, bytes, limits, () =>
    sharp(bytes, { autoOrient: true, failOn: 'error', limitInputPixels: limits.pixels })
      .resize(size, size, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: QUALITY })
      .toBuffer(),
  );
}

async function inspect(bytes: Uint8Array, limits: WorkshopSetup): Promise<Inspected> {
  const ending = endingOf(bytes);
  if (ending === undefined) throw unreadablePicture('picture', 'not a kind of picture that is taken');
  return decoding('picture', bytes, limits, async () => {
    const picture = sharp(bytes, { autoOrient: true, failOn: 'error', limitInputPixels: limits.pixels });
    const { autoOrient } = await picture.metadata();
    // The header alone promises a picture; all of it must be there.
    await picture.clone().resize(1, 1, { fit: 'fill' }).raw().toBuffer();
    return { ending, ...autoOrient };
  });
}

/** Tells what a decoder refuses by our codes. */
async function decoding<T>(
  path: string,
  bytes: Uint8Array,
  { pixels }: WorkshopSetup,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isDiptychError(cause)) throw cause;
    const [reason] = (cause as Error).message.split('\n');
    if (!reason.includes('pixel limit')) throw unreadablePicture(path, reason.trim(), cause);
    const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
    const fields = { path, what: 'pixels', size: width * height, limit: pixels };
    throw new DiptychError('DIPTYCH_IMAGE_TOO_LARGE', fields);
  }
}
