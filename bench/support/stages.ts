/** @file Things that take long to make, kept in a folder so that what was made once can be measured again. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * The path of something in a folder, made there first unless it is there whole. What a run that was stopped left of it is
 * removed. Tells the time that it took on stderr.
 *
 * @param make is given the path to write a file to, or the folder to make and fill
 */
export async function kept(folder: string, name: string, make: (place: string) => Promise<void>): Promise<string> {
  const place = join(folder, name);
  if (existsSync(place)) return place;
  const unfinished = `${place}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(dirname(unfinished), { recursive: true });
  const [start, before] = [performance.now(), process.cpuUsage()];
  await make(unfinished);
  renameSync(unfinished, place);
  const { user, system } = process.cpuUsage(before);
  const seconds = Math.round((performance.now() - start) / 1000);
  const busy = Math.round((user + system) / 1e6);
  process.stderr.write(`made ${name} in ${seconds} s, ${busy} s of one of ${cpus().length} cores\n`);
  return place;
}
