/** @file The small real encoder of the tests of indexes, for pictures that are bytes. */

import { mkdtempSync, rmSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { colourEncoder } from '../../index/testing/encoder.ts';
import type { QueryEncoder } from '../encoder.ts';
import type { ModelList, NamedEncoder } from '../service.ts';

/** Colours of pictures and colour words of texts, in one space. */
export function colourQueryEncoder(fingerprint = 'colours 1'): QueryEncoder {
  const encoder = colourEncoder(fingerprint);
  return {
    fingerprint,
    dimension: encoder.dimension,
    encodeTexts: (texts) => encoder.encodeTexts(texts),
    async encodePictures(pictures) {
      const folder = mkdtempSync(join(tmpdir(), 'diptych-pictures-'));
      try {
        const files = pictures.map((_, i) => join(folder, String(i)));
        await Promise.all(
          pictures.map((one, i) => (typeof one === 'string' ? copyFile(one, files[i]) : writeFile(files[i], one))),
        );
        return await encoder.encodeImages(files);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    textWarning: (text) => (/\p{L}/u.test(text) ? undefined : 'There is no word in this text.'),
  };
}

/** A model that needs no loading. */
export function alwaysReady(name: string, encoder: QueryEncoder): NamedEncoder {
  return {
    name,
    encoder,
    state: () => ({ state: 'ready', error: null, loaded: null }),
    async preload() {},
    async unload() {},
  };
}

/** Models that stay as they are. */
export function fixedModels(list: readonly NamedEncoder[]): ModelList {
  return { list, find: async (_, fingerprint) => list.some(({ encoder }) => encoder.fingerprint === fingerprint) };
}
