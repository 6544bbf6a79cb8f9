/** @file The bytes of a picture that a request names: in it, beside it as a file part, or at an address that is allowed. */
import { DiptychError } from '../../errors/error.ts';
import type { Picture } from '../schema/search.ts';
import type { ReadPicture } from '../search/parts.ts';
import type { FetchedFor, FetchPicture } from './fetch.ts';

/** File parts of a multipart request by name. */
export type Uploads = ReadonlyMap<string, File>;

/**
 * @param fetchPicture fetches by URL, if that is allowed
 * @param request whose pictures are read
 * @param uploads of the same request
 */
export function pictureReader(
  fetchPicture: FetchPicture | undefined,
  request: FetchedFor,
  uploads?: Uploads,
): ReadPicture {
  // However often a request names one of its parts, its bytes are there once.
  const read = new Map<string, Promise<Uint8Array>>();
  return async (picture: Picture) => {
    if ('base64' in picture) return bytesOf(picture.base64);
    if ('upload' in picture) {
      const file = uploads?.get(picture.upload);
      if (file !== undefined) {
        const bytes = read.get(picture.upload) ?? file.arrayBuffer().then((buffer) => new Uint8Array(buffer));
        read.set(picture.upload, bytes);
        return bytes;
      }
      throw new DiptychError('DIPTYCH_SERVER_FORM', {
        reason: `there is no file part "${picture.upload.slice(0, 64)}"`,
      });
    }
    if (fetchPicture !== undefined) return fetchPicture(picture.url, request);
    throw new DiptychError('DIPTYCH_SERVER_URL', { url: picture.url, reason: 'fetching is off' });
  };
}

/** The bytes of base64 text, which may begin as a data URL. */
function bytesOf(base64: string): Uint8Array {
  const text = base64.startsWith('data:') ? base64.slice(base64.indexOf(',') + 1) : base64;
  const bytes = Buffer.from(text, 'base64');
  // What is no base64 is passed over by the decoder: then there are fewer bytes than the text stands for.
  const plain = text.replace(/=+$/, '');
  if (bytes.length > 0 && bytes.length === Math.floor((plain.length * 3) / 4)) return bytes;
  throw new DiptychError('DIPTYCH_IMAGE_UNREADABLE', { path: 'picture', reason: 'it is not base64' });
}
