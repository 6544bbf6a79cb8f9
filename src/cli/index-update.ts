/** @file What `index add` and `index update` share: sources brought into an index with the model that made it. */

import { resolve } from 'node:path';
import { rememberBundle } from '../bundle/hint.ts';
import type { indexUpdateSchema } from '../config/index-options.ts';
import type { UpdateReport } from '../index/build.ts';
import { updateIndex } from '../index/manage.ts';
import { bundleOfIndex, openOn } from './index-bundle.ts';
import { reportLines } from './index-report.ts';
import { sourceAt } from './index-sources.ts';
import type { Call, Outcome } from './verb.ts';

type UpdateCall = Call<(typeof indexUpdateSchema)['members']>;

/**
 * Updates an index.
 *
 * @param remove whether pictures that are gone from a source go from the index
 */
export async function bringIn(
  { words: [folder, ...paths], values: { index, data, machine }, progress, signal, print }: UpdateCall,
  remove: boolean,
): Promise<Outcome> {
  const { bundle: path, settings } = await bundleOfIndex(folder, index.bundle);
  const { captions, prefix, partition } = index;
  const known = new Map(settings.sources.map(({ place, kind }) => [place, kind]));
  const places = paths.length > 0 ? paths : [...known.keys()];
  const kindOf = (place: string) => (index.source === 'auto' ? (known.get(resolve(place)) ?? 'auto') : index.source);
  const bundle = await openOn(path, machine);
  try {
    const reports: UpdateReport[] = [];
    for (const place of places) {
      if (signal.aborted) break;
      const source = await sourceAt(place, kindOf(place), data);
      const options = { remove, partition, progress, signal, ...(prefix !== null && { prefix }) };
      reports.push(await updateIndex(folder, bundle, source, { ...options, ...(captions && { captions }) }));
      progress.finish();
    }
    if (reports.length > 0) await rememberBundle(folder, path);
    for (const line of reports.flatMap(reportLines)) print(line);
    const complete = reports.length === places.length && reports.every((report) => report.complete);
    return { json: { index: folder, complete, sources: reports } };
  } finally {
    await bundle.close();
  }
}
