/** @file LanceDB writes its files without waiting for the disk; here they are waited for. */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The files of a table that are known to be on disk. LanceDB never changes a file, so each is synced once. */
export class Durable {
  private readonly folder: string;
  private readonly known = new Set<string>();

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** What lies there already was waited for by whoever wrote it. */
  static async over(folder: string): Promise<Durable> {
    const durable = new Durable(folder);
    for (const { path } of await durable.files()) durable.known.add(path);
    return durable;
  }

  /** Waits until all files are on disk. */
  async sync(): Promise<void> {
    const folders = new Set<string>();
    for (const { parent, path } of await this.files()) {
      if (this.known.has(path)) continue;
      await syncFile(path);
      this.known.add(path);
      folders.add(parent);
    }
    for (const folder of folders) await syncFile(folder);
  }

  private async files(): Promise<{ parent: string; path: string }[]> {
    const entries = await readdir(this.folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => ({ parent: entry.parentPath, path: join(entry.parentPath, entry.name) }));
  }
}

/** Some file systems cannot sync a folder. A file that is gone meanwhile was a temporary one. */
async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r').catch(() => undefined);
  try {
    await file?.sync().catch(() => {});
  } finally {
    await file?.close();
  }
}
