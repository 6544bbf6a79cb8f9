/** @file The runs of a server: their folder, and the looks at them. */
import { RunsFolder } from './folder.ts';
import { Looks } from './look.ts';

export interface ServedRuns {
  readonly folder: RunsFolder;
  readonly looks: Looks;
  close(): Promise<void>;
}

/** @param folder that holds run folders, as given by `serve --runs` */
export function serveRuns(folder: string): ServedRuns {
  const looks = new Looks();
  return { folder: new RunsFolder(folder), looks, close: () => looks.close() };
}
