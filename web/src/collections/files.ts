/** @file The files of a folder that was dropped or chosen, with their paths in it. */
import type { Chosen } from './batches.ts';

/** Names that are surely no pictures: what systems leave in folders. Everything else the server looks at. */
const NEVER = /^(\.|Thumbs\.db$|desktop\.ini$)/;

/** Files of an input element; those of a folder with their paths. */
export function chosenFiles(files: Iterable<File>): Chosen[] {
  return [...files]
    .filter(({ name }) => !NEVER.test(name))
    .map((file) => ({ id: file.webkitRelativePath || file.name, file }));
}

/** Files and folders that were dropped. Call it at once: the browser forgets them when the event is over. */
export async function droppedFiles(items: Iterable<DataTransferItem>): Promise<Chosen[]> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const found = await Promise.all(entries.map(filesOf));
  return found.flat().sort((a, b) => a.id.localeCompare(b.id));
}

async function filesOf(entry: FileSystemEntry): Promise<Chosen[]> {
  if (NEVER.test(entry.name)) return [];
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ id: entry.fullPath.replace(/^\//, ''), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const all: Chosen[] = [];
  // A reader gives a hundred at a time, until it gives none.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    for (const one of some) all.push(...(await filesOf(one)));
  }
}
