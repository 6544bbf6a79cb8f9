import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../testing/interrupted.ts', import.meta.url));

/** Starts the program, sends it signals when it is ready, and tells how it ended. */
function interrupted(
  words: string[],
  signals: NodeJS.Signals[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx/esm'), program, ...words]);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data) => {
      stdout += data;
      if (stdout === 'ready\n') child.kill(signals[0]);
    });
    child.stderr.on('data', (data) => {
      stderr += data;
      if (signals[1]) child.kill(signals[1]);
    });
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

test.concurrent.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('after %s work that saves is finished, and the exit code is %i', async (signal, code) => {
  const ended = await interrupted(['saves'], [signal]);
  const stderr = `${signal}: finishing and saving; once more ends at once\n`;
  expect(ended).toEqual({ code, stdout: 'ready\nsaved\n', stderr });
});

test.concurrent('a second signal ends at once', async () => {
  const ended = await interrupted(['saves', '20000'], ['SIGTERM', 'SIGINT']);
  expect(ended).toMatchObject({ code: 130, stdout: 'ready\n' });
});

test.concurrent('other work is ended by the first signal', async () => {
  expect(await interrupted(['ends'], ['SIGTERM'])).toEqual({ code: 143, stdout: 'ready\n', stderr: '' });
});
