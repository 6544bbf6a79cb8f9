/** @file Reading all of a LanceDB store to find what is wrong with it. */
import type { RecordBatch } from 'apache-arrow';
import { lengthOf } from '../../data/vectors.ts';
import { valueIn } from '../filter.ts';
import { LENGTH_TOLERANCE } from '../rows.ts';
import type { Damage } from '../store.ts';
import { metadataOf, textsOf, vectorsOf } from './batches.ts';
import { allColumns } from './columns.ts';
import type { View } from './view.ts';

/** What is wrong; nothing if all is well: ids each there once, vectors of unit length, columns that say what the JSON text says. */
export async function verifyView(folder: string, view: View): Promise<Damage[]> {
  const { manifest, table } = view;
  const damages: Damage[] = [];
  const seen = new Set<string>();
  const columns = allColumns(manifest);
  const names = ['id', 'metadata', 'vector', ...columns.map(({ column }) => column.name)];
  for await (const batch of table.query().select(names)) {
    const vectors = vectorsOf(batch, manifest.dimension);
    textsOf(batch, 'id').forEach((id, i) => {
      if (seen.has(id)) damages.push({ place: id, reason: 'its id is there twice' });
      seen.add(id);
      const length = lengthOf(vectors.subarray(i * manifest.dimension, (i + 1) * manifest.dimension));
      if (!(Math.abs(length - 1) <= LENGTH_TOLERANCE[manifest.dtype])) {
        damages.push({ place: id, reason: `its vector has length ${length}, not 1` });
      }
    });
    damages.push(...wrongColumns(batch, view));
  }
  if (seen.size !== manifest.rows && damages.length === 0) {
    damages.push({ place: folder, reason: `${seen.size} rows instead of ${manifest.rows}` });
  }
  return damages;
}

function wrongColumns(batch: RecordBatch, { manifest }: View): Damage[] {
  const ids = textsOf(batch, 'id');
  const metadata = textsOf(batch, 'metadata').map(metadataOf);
  return allColumns(manifest).flatMap(({ field, column }) => {
    const values = batch.getChild(column.name)!;
    return ids.flatMap((id, i) =>
      values.get(i) === column.valueOf(valueIn(metadata[i], field))
        ? []
        : [{ place: id, reason: `its field "${field}" is one thing to filters and another to readers` }],
    );
  });
}
