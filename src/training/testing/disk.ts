/** @file A small disk of its own for a test, where the system lets one be mounted. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A mounted folder whose size and mode can be changed. */
export interface Disk {
  readonly folder: string;
  /** Options of `mount -o remount`, such as `size=4m` or `ro`. */
  remount(options: string): void;
}

/** Whether file systems can be mounted (as root on Linux); if not, says on stderr what is skipped. */
export const canMount = (() => {
  const folder = mkdtempSync(join(tmpdir(), 'diptych-disk-'));
  try {
    mount(folder, 'size=64k');
    execFileSync('umount', [folder], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write('SKIPPED: full and read-only disks, because no file system can be mounted here\n');
    return false;
  } finally {
    rmdirSync(folder);
  }
})();

/** Mounts an empty disk of a size such as `256k`; it goes when the test ends. */
export function mountDisk(size: string): Disk {
  const folder = mkdtempSync(join(tmpdir(), 'diptych-disk-'));
  mount(folder, `size=${size}`);
  onTestFinished(() => {
    execFileSync('umount', ['-l', folder]);
    rmdirSync(folder);
  });
  return {
    folder,
    remount: (options) => {
      execFileSync('mount', ['-o', `remount,${options}`, folder]);
    },
  };
}

function mount(folder: string, options: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
}
