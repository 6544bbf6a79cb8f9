/** @file A look at a run: `diptych eval` and `diagnose` in processes of their own, one at a time, the last one kept. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import { readJson } from '../../files/json.ts';
import { runVerb } from './program.ts';
import { type Checkpoint, type Look, lookOf, reportSchema } from './report.ts';
import type { LookPage, RunLookAnswer } from './schema.ts';
import { spaceSchema } from './space.ts';

interface Looked extends Look {
  /** Folder of the report. */
  readonly folder: string;
}

interface Watched {
  looked?: Looked;
  working?: Promise<void>;
  error?: DiptychError;
}

export class Looks {
  readonly #runs = new Map<string, Watched>();
  readonly #ending = new AbortController();
  #last: Promise<void> = Promise.resolve();

  /** What is known of a run. */
  answer(name: string): RunLookAnswer {
    const { looked, working, error } = this.#runs.get(name) ?? {};
    const state = working ? 'working' : error ? 'failed' : looked ? 'ready' : 'none';
    return {
      state,
      look: looked?.look ?? null,
      error: error ? { code: error.code, detail: error.message } : null,
    };
  }

  /** Looks at a run once it is its turn; asked again meanwhile, nothing more is done. */
  ask(name: string, path: string, checkpoint: Checkpoint): void {
    const watched = this.#runs.get(name) ?? {};
    if (watched.working) return;
    this.#runs.set(name, watched);
    delete watched.error;
    watched.working = this.#last.then(async () => {
      try {
        const before = watched.looked;
        watched.looked = await lookAt(name, path, checkpoint, this.#ending.signal);
        if (before) await rm(before.folder, { recursive: true, force: true });
      } catch (error) {
        watched.error = isDiptychError(error) ? error : failed(name, String(error));
      }
      delete watched.working;
    });
    this.#last = watched.working;
  }

  /** The file of a picture that the last look at a run shows. @throws DIPTYCH_SERVER_ITEM_UNKNOWN */
  pictureOf(name: string, id: string): string {
    const path = this.#runs.get(name)?.looked?.pictures.get(id);
    if (path === undefined) throw new DiptychError('DIPTYCH_SERVER_ITEM_UNKNOWN', { id });
    return path;
  }

  /** A page of the last look at a run. @throws DIPTYCH_SERVER_RUN_LOOK */
  pageOf(name: string, page: LookPage): string {
    const folder = this.#runs.get(name)?.looked?.folder;
    if (folder === undefined) throw failed(name, 'nobody has looked at it yet');
    return join(folder, `${page}.html`);
  }

  /** Gives up what is under way and removes the reports. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#last;
    for (const { looked } of this.#runs.values()) {
      if (looked) await rm(looked.folder, { recursive: true, force: true });
    }
  }
}

function failed(run: string, reason: string): DiptychError {
  return new DiptychError('DIPTYCH_SERVER_RUN_LOOK', { run, reason });
}

async function lookAt(name: string, path: string, checkpoint: Checkpoint, signal: AbortSignal): Promise<Looked> {
  const folder = await mkdtemp(join(tmpdir(), 'diptych-look-'));
  try {
    const split = await valSplitOf(path);
    for (const verb of ['eval', 'diagnose']) {
      const words = [verb, path, '--checkpoint', checkpoint, '--split', split, '--report', folder, '--json'];
      const { code, stderr } = await runVerb(words, signal);
      if (code !== 0) throw failed(name, lastLines(stderr));
    }
    const report = await readJson(join(folder, 'report.json'), reportSchema);
    const space = await readJson(join(folder, 'diagnosis.json'), spaceSchema);
    return { ...lookOf(name, checkpoint, report, space), folder };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function valSplitOf(path: string): Promise<string> {
  const [{ readRun }, { valuesOfRun }] = await Promise.all([
    import('../../training/run/record.ts'),
    import('../../bundle/trained.ts'),
  ]);
  return valuesOfRun(path, await readRun(path)).data.valSplit;
}

/** What a process said last, without the progress that it wrote as JSON. */
function lastLines(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  return lines.slice(0, 3).join(' ') || 'it ended without a word';
}
