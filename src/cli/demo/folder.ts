/** @file The demo's folder: what lies where, and clearing away an earlier demo and nothing else. */
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DiptychError } from '../../errors/error.ts';
import { writeJson } from '../../files/json.ts';

/** Paths below the demo's folder. */
export interface DemoFolder {
  readonly data: string;
  readonly run: string;
  readonly bundle: string;
  readonly index: string;
  readonly sheets: string;
  /** Says that a demo made the folder. */
  readonly mark: string;
}

/** The parts of a demo's folder. */
function demoFolder(folder: string): DemoFolder {
  const at = (name: string) => join(folder, name);
  return {
    data: at('data'),
    run: at('run'),
    bundle: at('bundle'),
    index: at('index'),
    sheets: at('sheets'),
    mark: at('demo.json'),
  };
}

/**
 * Makes room for a demo: what an earlier one made goes.
 *
 * @throws DIPTYCH_DEMO_FOLDER if the folder holds anything else
 */
export async function clearDemo(folder: string): Promise<DemoFolder> {
  const parts = demoFolder(folder);
  const held = existsSync(folder) ? await readdir(folder) : [];
  if (held.length > 0 && !existsSync(parts.mark)) throw new DiptychError('DIPTYCH_DEMO_FOLDER', { folder });
  await writeJson(parts.mark, { about: 'made by `diptych demo`, which replaces what is in this folder' });
  for (const part of [parts.data, parts.run, parts.bundle, parts.index, parts.sheets]) {
    await rm(part, { recursive: true, force: true });
  }
  return parts;
}
