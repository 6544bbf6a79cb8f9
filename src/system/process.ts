/** @file Whether a process is still the one it was: a number alone is given to another process sooner or later. */
import { readFileSync } from 'node:fs';

/**
 * What tells a process from a later one of the same number: the start of the machine and the start of the process.
 * Empty where the system does not say (then the number alone must do).
 *
 * @returns undefined if there is no such process, or it has ended and only its exit code waits to be fetched
 */
export function processMark(pid: number): string | undefined {
  if (!exists(pid)) return undefined;
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in parentheses and may hold spaces; the third is the state, the 22nd the start.
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[19]}`;
  } catch {
    return '';
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
