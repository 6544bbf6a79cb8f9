/** @file A process that builds an index, slowly, to be killed; it says which files it encodes. */
import { writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { createIndex } from '../manage.ts';
import { folderSource } from '../source.ts';
import { colourEncoder } from './encoder.ts';

const [folder, pictures] = process.argv.slice(2);
const colours = colourEncoder();
const slow = {
  ...colours,
  async encodeImages(files: readonly string[]) {
    for (const file of files) writeSync(1, `${file}\n`);
    await wait(15);
    return colours.encodeImages(files);
  },
};
await createIndex(folder, slow, [await folderSource(pictures)], { partition: 4, captions: true });
