/** @file A program that works until it is asked to stop: `interrupted.ts saves|ends`. */
import { listenForInterrupts } from '../cli/interrupts.ts';

const interrupts = listenForInterrupts(() => process.argv[2] === 'saves');
const work = setInterval(() => {}, 1000);
interrupts.signal.addEventListener('abort', () => {
  // A second signal arrives while this takes its time.
  setTimeout(
    () => {
      clearInterval(work);
      process.stdout.write('saved\n');
      process.exitCode = interrupts.code();
      interrupts.release();
    },
    Number(process.argv[3] ?? 0),
  );
});
process.stdout.write('ready\n');
