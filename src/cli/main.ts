/** @file The program `diptych`. */
import { runCommand, tellFailure } from './run.ts';

const words = process.argv.slice(2);

// A reader that has seen enough (`diptych … | head`) closes the pipe: no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// What fails outside of any promise that somebody waits for is told like all else.
process.on('uncaughtException', async (error) => process.exit(await tellFailure(error, words)));

process.exitCode = await runCommand(words);
