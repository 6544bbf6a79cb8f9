/** @file A process of its own for tests: trains a trial given as JSON, heeds signals, ends as a command would. */
import { DiptychError } from '../../errors/error.ts';
import { runTrial, type Trial } from './task.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => {
    say(`stopping on ${name}`);
    stop.abort(name);
  });
try {
  const progress = {
    update: ({ done }: { done: number }) => say(`step ${done}.`),
    note: (line: string) => say(`note: ${line}`),
    finish() {},
  };
  const result = await runTrial(JSON.parse(process.argv[2]) as Trial, { progress, signal: stop.signal });
  say(`result: ${JSON.stringify(result)}`);
  process.exitCode = result.exit;
} catch (error) {
  say(error instanceof DiptychError ? `${error.code}: ${error.message}` : String(error));
  process.exitCode = error instanceof DiptychError ? error.exit : 1;
}
