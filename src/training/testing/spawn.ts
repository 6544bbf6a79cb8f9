/** @file Starts a module of the tests as a process of its own, and ends it with the test at the latest. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { entryPoint } from '../../system/entry.ts';

/** A started process: what it wrote so far, and how it ended. */
export interface Started {
  readonly child: ChildProcess;
  /** All of stdout and stderr until now. */
  output(): string;
  /** Resolves when the output holds the text. */
  says(text: string): Promise<void>;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** @param name a module of this folder without its extension, such as `./hold-lock` */
export function start(name: string, ...parameters: string[]): Started {
  const { url, execArgv } = entryPoint(import.meta.url, name);
  const child = spawn(process.execPath, [...execArgv, fileURLToPath(url), ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  });
  return {
    child,
    ended,
    output: () => output,
    says(text) {
      return new Promise((resolve, reject) => {
        const look = () => output.includes(text) && resolve();
        listeners.add(look);
        look();
        void ended.then((how) => reject(new Error(`ended by ${how} without saying ${text}:\n${output}`)));
      });
    },
  };
}
