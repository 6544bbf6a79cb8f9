/** @file Data sets for tests: files written into a temporary folder. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../../testing/temporary.ts';

/** A temporary folder with files: text, bytes, or a value written as JSON. */
export function folderOf(files: Readonly<Record<string, string | Uint8Array | object>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    const plain = typeof content === 'string' || content instanceof Uint8Array;
    writeFileSync(path, plain ? content : JSON.stringify(content));
  }
  return folder;
}
