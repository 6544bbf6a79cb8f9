/** @file The program `diptych`. */
import { runCommand } from './run.ts';

// A reader that has seen enough (`diptych … | head`) closes the pipe: no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCommand(process.argv.slice(2));
