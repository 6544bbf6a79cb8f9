/** @file A folder for a run that was given none. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** `runs/2026-01-31-vse-infonce`, or with a number behind it where that is taken. */
export function newRunFolder(name: string, now: Date = new Date(), base = 'runs'): string {
  const folder = join(base, `${now.toISOString().slice(0, 10)}-${name}`);
  const numbered = (number: number): string => (number === 1 ? folder : `${folder}-${number}`);
  let number = 1;
  while (existsSync(numbered(number))) number++;
  return numbered(number);
}
