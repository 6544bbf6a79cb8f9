/** @file Writing a diagnosis: `diagnosis.json` and `diagnosis.html`. */
import { join } from 'node:path';
import type { Quarantined } from '../../data/dataset.ts';
import { thumbnails } from '../../evaluation/report/pictures.ts';
import { writeAtomically } from '../../files/atomic.ts';
import { writeJson } from '../../files/json.ts';
import type { Diagnosis } from './diagnose.ts';
import { diagnosisPage } from './page.ts';

export interface DiagnosisPictures {
  /** Text of each caption and path of each image's picture, in the order of the relation. */
  readonly captions: readonly string[];
  readonly paths: readonly (string | undefined)[];
}

/** @returns paths, and the pictures that could not be shown @throws DIPTYCH_FILE_UNWRITABLE */
export async function writeDiagnosis(
  folder: string,
  diagnosis: Diagnosis,
  { captions, paths }: DiagnosisPictures,
): Promise<{ html: string; json: string; quarantined: readonly Quarantined[] }> {
  const shown = diagnosis.hubness.images.hubs.flatMap(({ item }) => paths[item] ?? []);
  const { byPath, quarantined } = await thumbnails(shown);
  const out = { html: join(folder, 'diagnosis.html'), json: join(folder, 'diagnosis.json') };
  await writeJson(out.json, diagnosis);
  const album = { captions, thumbnail: (image: number) => byPath.get(paths[image] ?? '') };
  await writeAtomically(out.html, diagnosisPage(diagnosis, album));
  return { ...out, quarantined };
}
