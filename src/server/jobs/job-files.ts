/** @file Jobs on disk: one file each, written whole, so that they survive the end of the process. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDiptychError } from '../../errors/error.ts';
import { readJson, writeJson } from '../../files/json.ts';
import { type Job, jobSchema } from '../schema/jobs.ts';

/** Reads all jobs, oldest first. What is no job is passed over. */
export async function readJobs(folder: string): Promise<Job[]> {
  const names = await readdir(folder).catch(() => []);
  const jobs: Job[] = [];
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    const job = await readJson(join(folder, name), jobSchema).catch((error) => {
      if (isDiptychError(error)) return undefined;
      throw error;
    });
    if (job !== undefined) jobs.push(job);
  }
  return jobs.sort((a, b) => (a.created < b.created ? -1 : 1));
}

/** @throws DIPTYCH_FILE_UNWRITABLE */
export async function writeJob(folder: string, job: Job): Promise<void> {
  await writeJson(join(folder, `${job.id}.json`), job);
}

export async function forgetJob(folder: string, id: string): Promise<void> {
  await rm(join(folder, `${id}.json`), { force: true });
}
