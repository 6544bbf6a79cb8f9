/** @file What a test of extraction starts from, and what it looks at. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tinyPreprocessing, writeTinyBackbone } from '../../../encoders/backbone/testing/tiny.ts';
import { temporaryFolder } from '../../../testing/temporary.ts';
import type { ExtractOptions } from '../extract.ts';
import { drawPictures } from './pictures.ts';

/** A folder with a tiny backbone and some pictures, and the options that go with it. */
export async function prepare(count: number, side?: number): Promise<ExtractOptions> {
  const folder = temporaryFolder();
  const backbone = join(folder, 'tiny.onnx');
  writeTinyBackbone(backbone);
  const images = await drawPictures(folder, count, side);
  return { images, backbone, preprocessing: tinyPreprocessing(), out: join(folder, 'out', 'tiny.npy'), threads: 1 };
}

/** Code and message of what a call is refused with. */
export const coded = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error) => `${error.code} ${error.message}`,
  );

/** Bytes of the feature file and of its sidecar. */
export const filesOf = (out: string): Buffer[] => [readFileSync(out), readFileSync(out.replace('.npy', '.json'))];
