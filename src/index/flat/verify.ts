/** @file Reading all of a flat store to find what is wrong with it. */
import { lengthOf } from '../../data/vectors.ts';
import { isDiptychError } from '../../errors/error.ts';
import { LENGTH_TOLERANCE } from '../rows.ts';
import type { Damage } from '../store.ts';
import { rowBatches } from './read.ts';
import type { Part, Shared, Snapshot } from './snapshot.ts';

/** What is wrong; nothing if all is well. */
export async function verifySnapshot({ folder }: Shared, { manifest, parts }: Snapshot): Promise<Damage[]> {
  const damages: Damage[] = [];
  const seen = new Set<string>();
  let rows = 0;
  for (const part of parts) {
    for (const extent of ['vectors', 'lines'] as const) {
      await collect(damages, () => part.segment[extent].file.verify(part.entry[extent]));
    }
    await collect(damages, async () => {
      for await (const row of rowsOf(part)) {
        rows++;
        if (seen.has(row.id)) damages.push({ place: row.id, reason: 'its id is there twice' });
        seen.add(row.id);
        const length = lengthOf(row.vector);
        if (!(Math.abs(length - 1) <= LENGTH_TOLERANCE[manifest.dtype])) {
          damages.push({ place: row.id, reason: `its vector has length ${length}, not 1` });
        }
      }
    });
  }
  if (rows !== manifest.rows && damages.length === 0) {
    damages.push({ place: folder, reason: `${rows} rows instead of ${manifest.rows}` });
  }
  return damages;
}

async function* rowsOf(part: Part): AsyncGenerator<{ id: string; vector: Float32Array }> {
  for await (const { rows } of rowBatches([part])) yield* rows;
}

/** Runs a check; damage that it throws is one more thing found. */
async function collect(damages: Damage[], check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    if (!isDiptychError(error, 'DIPTYCH_INDEX_DAMAGED')) throw error;
    const { path, reason } = error.fields;
    const found = damages.some((damage) => damage.place === path && damage.reason === reason);
    if (!found) damages.push({ place: path, reason });
  }
}
