/** @file A folder of runs: which there are, and what each is. A name is looked up in a list, never made into a path. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import { livingHolder } from '../../system/lock.ts';
import { compareRuns, letterOf } from '../../trained/comparison/compare.ts';
import { comparisonPage } from '../../trained/comparison/page.ts';
import { type ComparedRun, readComparedRun } from '../../trained/comparison/run.ts';
import { logPaths } from '../../training/logs/logs.ts';
import { readRun, recordPath } from '../../training/run/record.ts';
import { nameSchema } from '../schema/common.ts';
import { logFindings } from './findings.ts';
import type { Run, RunComparison, RunDetail, RunState, Runs } from './schema.ts';

/** What was read of a run, and the times of its files when it was. */
interface Kept {
  readonly key: string;
  readonly run: ComparedRun;
}

export class RunsFolder {
  readonly folder: string;
  readonly #kept = new Map<string, Kept>();

  /** @param folder that holds run folders, or is one */
  constructor(folder: string) {
    this.folder = resolve(folder);
  }

  /** Folders of runs, by name. Those whose name could not stand in an address are passed over. */
  async paths(): Promise<ReadonlyMap<string, string>> {
    const entries = await readdir(this.folder, { withFileTypes: true }).catch(() => []);
    const below = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(this.folder, name));
    const paths = new Map<string, string>();
    for (const path of [this.folder, ...below]) {
      const name = basename(path);
      if (nameSchema.safeParse(name).success && (await isFile(recordPath(path)))) paths.set(name, path);
    }
    return paths;
  }

  /** The folder of a run. @throws DIPTYCH_SERVER_RUN_UNKNOWN */
  async pathOf(name: string): Promise<string> {
    const path = (await this.paths()).get(name);
    if (path === undefined) throw new DiptychError('DIPTYCH_SERVER_RUN_UNKNOWN', { name, folder: this.folder });
    return path;
  }

  /** What becomes of a run; its logs are read only where nobody writes them. */
  async stateOf(path: string): Promise<RunState> {
    return (await livingHolder(path)) === undefined ? stateOf(path, await this.#read(path)) : 'training';
  }

  async list(): Promise<Runs> {
    const runs: Run[] = [];
    const unreadable: Runs['unreadable'] = [];
    for (const [name, path] of await this.paths()) {
      try {
        runs.push(await this.#describe(path));
      } catch (error) {
        if (!isDiptychError(error)) throw error;
        // Where the folder lies is nobody's business who only looks on.
        const detail = error.message.replaceAll(`${this.folder}${sep}`, '');
        unreadable.push({ name, code: error.code, detail });
      }
    }
    return { runs: runs.sort((a, b) => b.updated.localeCompare(a.updated)), unreadable };
  }

  /** @throws DIPTYCH_SERVER_RUN_UNKNOWN, DIPTYCH_RUN_DAMAGED */
  async detail(name: string): Promise<RunDetail> {
    const path = await this.pathOf(name);
    const { configuration, sessions, data } = await readRun(path);
    return {
      ...(await this.#describe(path)),
      findings: await logFindings(path),
      configuration: configuration as RunDetail['configuration'],
      sessions: sessions.map(({ started, host, changes }) => ({ started, host, changes })),
      data,
    };
  }

  /** @throws DIPTYCH_SERVER_RUN_UNKNOWN, DIPTYCH_RUN_DAMAGED */
  async compare(names: readonly string[]): Promise<RunComparison> {
    const paths = await this.#pathsOf(names);
    const { runs: compared, remarks } = await compareRuns(paths);
    const runs = await Promise.all(
      compared.map(async (run, i) => ({ ...(await describe(run, paths[i])), letter: letterOf(i), curves: run.curves })),
    );
    return { runs, remarks };
  }

  /** The page that `diptych compare --report` writes. @throws DIPTYCH_SERVER_RUN_UNKNOWN, DIPTYCH_RUN_DAMAGED */
  async comparisonPage(names: readonly string[]): Promise<string> {
    const { runs, ...comparison } = await compareRuns(await this.#pathsOf(names));
    return comparisonPage({ ...comparison, runs: runs.map((run) => ({ ...run, folder: run.name })) });
  }

  #pathsOf(names: readonly string[]): Promise<string[]> {
    return Promise.all([...new Set(names)].map((name) => this.pathOf(name)));
  }

  async #describe(path: string): Promise<Run> {
    return describe(await this.#read(path), path);
  }

  /** Reads a run unless its files are as they were. */
  async #read(path: string): Promise<ComparedRun> {
    const files = [
      recordPath(path),
      ...[logPaths.metrics, logPaths.timings, 'checkpoints'].map((one) => join(path, one)),
    ];
    const times = await Promise.all(
      files.map((file) =>
        stat(file).then(
          ({ mtimeMs, size }) => [mtimeMs, size],
          () => 0,
        ),
      ),
    );
    const key = JSON.stringify(times);
    const kept = this.#kept.get(path);
    if (kept?.key === key) return kept.run;
    const run = await readComparedRun(path);
    this.#kept.set(path, { key, run });
    return run;
  }
}

async function describe(compared: ComparedRun, path: string): Promise<Run> {
  const { folder: _, curves: _curves, data: _data, command, ...run } = compared;
  const [state, updated] = [await stateOf(path, run), await lastLog(path)];
  return { ...run, state, command: [...command], updated: updated.toISOString() };
}

/** What becomes of a run at the moment. */
async function stateOf(path: string, { steps, length }: Pick<ComparedRun, 'steps' | 'length'>): Promise<RunState> {
  if ((await livingHolder(path)) !== undefined) return 'training';
  return steps >= length ? 'finished' : 'stopped';
}

/** When a run last logged something; before that, when it was begun. */
async function lastLog(path: string): Promise<Date> {
  const file = await stat(join(path, logPaths.metrics)).catch(() => stat(recordPath(path)));
  return file.mtime;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
