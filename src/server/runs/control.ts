/** @file Starting, taking up and stopping runs. A run trains in a process of its own, which goes on when the server ends. */
import { mkdir, open, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DiptychError } from '../../errors/error.ts';
import { writeJson } from '../../files/json.ts';
import { livingHolder } from '../../system/lock.ts';
import type { Configuration } from '../../training/run/configuration.ts';
import { readRun, recordPath } from '../../training/run/record.ts';
import type { RunsFolder } from './folder.ts';
import { launchVerb } from './program.ts';
import { type StartRun, startRunSchema } from './schema.ts';

/** File beside `run.json` that holds what a run said that was started here. */
const SAID = 'said.log';

/** Milliseconds that a process is watched for a bad beginning; reading large data takes longer, and goes on. */
const PATIENCE = 15_000;

/**
 * Begins a run with the configuration of another. All paths come from that run: a request names runs, and numbers.
 *
 * @throws DIPTYCH_SERVER_RUN_UNKNOWN, DIPTYCH_SERVER_RUN_STATE if the name is taken, DIPTYCH_SERVER_RUN_START
 */
export async function startRun(runs: RunsFolder, request: StartRun): Promise<void> {
  const { from, name, ...changes } = startRunSchema.parse(request);
  const { configuration } = await readRun(await runs.pathOf(from));
  const folder = join(runs.folder, name);
  if ((await runs.paths()).has(name)) throw wrong(name, 'there is one of this name already');
  await mkdir(folder).catch(() => {
    throw wrong(name, 'there is a folder of this name already');
  });
  const file = join(folder, 'configuration.json');
  await writeJson(file, changed(configuration, changes));
  try {
    await launch(name, folder, ['train', '--config', file, '--run', folder]);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The values of a run without where it lies, with another seed and length; a length in epochs replaces one in steps. */
function changed(configuration: Configuration, { seed, epochs }: Pick<StartRun, 'seed' | 'epochs'>): Configuration {
  const { run: _, training, ...values } = configuration;
  const changes = { ...(seed !== undefined && { seed }), ...(epochs !== undefined && { epochs, steps: null }) };
  return { ...values, training: { ...(training as Configuration), ...changes } };
}

/** Takes a stopped run up where it stopped. @throws DIPTYCH_SERVER_RUN_UNKNOWN, DIPTYCH_SERVER_RUN_STATE, DIPTYCH_SERVER_RUN_START */
export async function resumeRun(runs: RunsFolder, name: string): Promise<void> {
  const folder = await runs.pathOf(name);
  if ((await livingHolder(folder)) !== undefined) throw wrong(name, 'it is training already');
  await launch(name, folder, ['train', '--resume', '--run', folder]);
}

/** Asks a run to save and stop. @throws DIPTYCH_SERVER_RUN_UNKNOWN, DIPTYCH_SERVER_RUN_STATE */
export async function stopRun(runs: RunsFolder, name: string): Promise<void> {
  const folder = await runs.pathOf(name);
  const holder = await livingHolder(folder);
  if (holder === undefined) throw wrong(name, 'it is not training');
  if (holder.host !== hostname()) throw wrong(name, `it trains on ${holder.host}, another machine`);
  process.kill(holder.pid, 'SIGTERM');
}

function wrong(run: string, reason: string): DiptychError {
  return new DiptychError('DIPTYCH_SERVER_RUN_STATE', { run, reason });
}

/** Starts a process and waits until it has the run, or has ended. */
async function launch(name: string, folder: string, words: readonly string[]): Promise<void> {
  const log = await open(join(folder, SAID), 'a');
  try {
    const began = (await log.stat()).size;
    const child = launchVerb(words, log.fd);
    let failed: string | undefined;
    child.on('error', ({ message }) => {
      failed = message;
    });
    for (let waited = 0; waited < PATIENCE; waited += 100) {
      await setTimeout(100);
      if (failed === undefined && child.exitCode === null && child.signalCode === null) {
        const holder = await livingHolder(folder);
        const begun = await open(recordPath(folder)).then(
          (file) => file.close().then(() => true),
          () => false,
        );
        if (holder?.pid === child.pid && begun) return;
        continue;
      }
      // A short run may have come to its end meanwhile.
      if (child.exitCode === 0) return;
      throw new DiptychError('DIPTYCH_SERVER_RUN_START', {
        run: name,
        reason: failed ?? (await saidSince(folder, began)),
      });
    }
  } finally {
    await log.close();
  }
}

async function saidSince(folder: string, from: number): Promise<string> {
  const file = await open(join(folder, SAID));
  try {
    const bytes = Buffer.alloc(2000);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
    return bytes.subarray(0, bytesRead).toString('utf8').trim().split('\n').slice(-3).join(' ');
  } finally {
    await file.close();
  }
}
