/** @file The program itself, started as another process: what trains and evaluates never runs in the process that serves. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { entryPoint } from '../../system/entry.ts';

const { url, execArgv } = entryPoint(import.meta.url, '../../cli/main');
const program = [...execArgv, fileURLToPath(url)];

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  /** The last of what it said. */
  readonly stderr: string;
}

/** Longest output that is kept, in characters. */
const MOST = 1 << 20;

/** Runs a verb to its end. @param signal ends it */
export function runVerb(words: readonly string[], signal: AbortSignal): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...program, ...words], { stdio: ['ignore', 'pipe', 'pipe'], signal });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8');
      child[name].on('data', (text: string) => {
        said[name] = (said[name] + text).slice(-MOST);
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...said }));
  });
}

/** Starts a verb that goes on without this process, and writes what it says into a file. */
export function launchVerb(words: readonly string[], log: number): ChildProcess {
  const child = spawn(process.execPath, [...program, ...words], { stdio: ['ignore', log, log], detached: true });
  child.unref();
  return child;
}
