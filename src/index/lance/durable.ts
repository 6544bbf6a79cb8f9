/** @file LanceDB writes its files without waiting for the disk; here they are waited for. */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The files of a table that lie there and are known to be on disk. LanceDB never changes a file, so each is synced once. */
export class Durable {
  private readonly folder: string;
  private known: ReadonlySet<string> = new Set();

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** What lies there already was waited for by whoever wrote it. */
  static async over(folder: string): Promise<Durable> {
    const durable = new Durable(folder);
    durable.known = new Set((await durable.files()).map(({ path }) => path));
    return durable;
  }

  /** Waits until all files are on disk. */
  async sync(): Promise<void> {
    const files = await this.files();
    const fresh = files.filter(({ path }) => !this.known.has(path));
    for (const { path } of fresh) await syncFile(path);
    for (const folder of new Set(fresh.map(({ parent }) => parent))) await syncFile(folder);
    this.known = new Set(files.map(({ path }) => path));
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
