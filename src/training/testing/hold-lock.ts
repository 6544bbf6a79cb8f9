/** @file A process of its own for tests: takes the lock of a folder, says what came of it, and holds it until it is ended. */
import { DiptychError } from '../../errors/error.ts';
import { lockFolder } from '../../system/lock.ts';

try {
  await lockFolder(process.argv[2]);
  process.stdout.write('held\n');
  setInterval(() => {}, 1000);
} catch (error) {
  process.stdout.write(`${error instanceof DiptychError ? error.code : String(error)}\n`);
}
