/** @file A folder of pictures, each with a text file of the same name beside it: `a.jpg` and `a.txt`, one caption a line. */
import { join, relative, sep } from 'node:path';
import { readLines } from '../../files/text.ts';
import type { Reader, Reading } from '../dataset.ts';
import { splitNamed } from '../splits.ts';
import { isPictureName, listFolder, stemOf } from './pictures.ts';

/** Folders may be nested; one named like a split (`train`, `val` …) directly under the root gives its images that split. */
export const readPairs: Reader = async function readPairs(reading) {
  await readFolder(reading, reading.source.root);
  return undefined;
};

async function readFolder(reading: Reading, folder: string): Promise<void> {
  const { source, gatherer } = reading;
  const entries = await listFolder(folder);
  const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const texts = new Map(files.filter((name) => /\.txt$/i.test(name)).map((name) => [stemOf(name), name]));
  const described = new Set<string>();
  for (const name of files.filter(isPictureName)) {
    const path = join(folder, name);
    const id = relative(source.root, path).split(sep).join('/');
    const text = texts.get(stemOf(name));
    if (text === undefined) {
      gatherer.quarantine({ file: path }, 'no-caption', `no ${stemOf(name)}.txt beside it`, id);
      continue;
    }
    described.add(text);
    const split = id.includes('/') ? (splitNamed(id.slice(0, id.indexOf('/'))) ?? 'all') : 'all';
    const image = gatherer.addImage({ id, path, split }, { file: path });
    const file = join(folder, text);
    if (image === undefined) continue;
    for await (const { line, text: caption } of readLines(file)) {
      // Blank lines part captions in such files; they are no captions that failed.
      if (caption?.trim() !== '') gatherer.addCaption(image, caption, { file, line });
    }
  }
  for (const text of texts.values()) {
    if (!described.has(text))
      gatherer.quarantine({ file: join(folder, text) }, 'unknown-image', 'no picture of its name');
  }
  for (const entry of entries) {
    if (entry.isDirectory() && !entry.name.startsWith('.')) await readFolder(reading, join(folder, entry.name));
  }
}
