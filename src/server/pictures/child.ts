/** @file The process that reads pictures for the service: what a decoder does wrong ends it and nothing else. */
import { readFile, stat } from 'node:fs/promises';
import sharp from 'sharp';
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import { isSystemError } from '../../files/failures.ts';
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
  const bytes = await read(path, limits);
  return decoding(path, bytes, limits, () =>
    sharp(bytes, { autoOrient: true, failOn: 'error', limitInputPixels: limits.pixels })
      .resize(size, size, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: QUALITY })
      .toBuffer(),
  );
}

async function read(path: string, limits: WorkshopSetup): Promise<Uint8Array> {
  try {
    const status = await stat(path);
    if (!status.isFile()) throw unreadable(path, 'not a file');
    if (status.size > limits.bytes) throw tooLarge(path, 'bytes', status.size, limits.bytes);
    return await readFile(path);
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    throw unreadable(path, cause.code === 'ENOENT' ? 'no such file' : (cause.code ?? cause.message), cause);
  }
}

async function inspect(bytes: Uint8Array, limits: WorkshopSetup): Promise<Inspected> {
  const ending = endingOf(bytes);
  if (ending === undefined) throw unreadable('picture', 'not a kind of picture that is taken');
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
    if (!reason.includes('pixel limit')) throw unreadable(path, reason.trim(), cause);
    const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
    throw tooLarge(path, 'pixels', width * height, pixels);
  }
}

function unreadable(path: string, reason: string, cause?: unknown): DiptychError {
  return new DiptychError('DIPTYCH_IMAGE_UNREADABLE', { path, reason }, { cause });
}

function tooLarge(path: string, what: string, size: number, limit: number): DiptychError {
  return new DiptychError('DIPTYCH_IMAGE_TOO_LARGE', { path, what, size, limit });
}
