/** @file What is known of a saved graph: how it was built, which rows are in it, and the recall that was measured. */
import { createReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { DiptychError, isDiptychError } from '../../errors/error.ts';
import { readJson, writeJson } from '../../files/json.ts';
import { damaged } from '../manifest-file.ts';
import type { Damage } from '../store.ts';

/** Of how many of the best rows recall is the share that is found. */
export const RECALL_AT = 10;

/** What a graph is built with. */
export const parametersSchema = z.strictObject({
  /** How it holds vectors; results are scored again by the store's own. */
  quantization: z.enum(['i8', 'f16', 'f32']),
  /** Neighbours of a row. */
  connectivity: z.int().min(2),
  /** Rows that are looked at to find the neighbours of a new one. */
  expansion: z.int().min(1),
});
export type GraphParameters = Readonly<z.infer<typeof parametersSchema>>;

const fileSchema = z.strictObject({
  format: z.literal(1),
  /** When the store was made that it belongs to. */
  created: z.string(),
  /** Name and size of the graph itself. */
  file: z.string(),
  bytes: z.int(),
  /** CRC-32 of the graph, in hexadecimal; graphs of before it was written have none. */
  checksum: z.string().optional(),
  parameters: parametersSchema,
  /** The graph of some of the rows that guides searches; graphs of before have none. */
  signposts: z.strictObject({ file: z.string(), bytes: z.int(), checksum: z.string() }).optional(),
  /** Rows of each segment that are in it: the first so many. */
  covered: z.array(z.strictObject({ number: z.int(), rows: z.int() })),
  rows: z.int(),
  /** Rows that a walk through it comes to; about half of them are scored exactly. */
  candidates: z.int().min(1),
  /** Recall@10 that was measured with these candidates, on so many rows of the store as queries. */
  recall: z.number(),
  queries: z.int(),
  /** Rows that were searched for by their own vectors and not found at last, and how many were linked anew before. */
  reach: z.strictObject({ searched: z.int(), unreached: z.int(), relinked: z.int() }).optional(),
  /** What was asked for. */
  wanted: z.strictObject({ recall: z.number(), memory: z.number() }),
  /** How this was chosen, in sentences. */
  reasons: z.array(z.string()),
  built: z.string(),
});
export type GraphFile = Readonly<z.infer<typeof fileSchema>>;
export type Reach = NonNullable<GraphFile['reach']>;

const NAME = 'graph.json';

/** What is known of the graph of a flat store; undefined if it has none. @throws DIPTYCH_INDEX_DAMAGED */
export async function readGraphFile(folder: string): Promise<GraphFile | undefined> {
  const path = join(folder, NAME);
  return readJson(path, fileSchema).catch((cause) => {
    if (isDiptychError(cause, 'DIPTYCH_FILE_MISSING')) return undefined;
    throw new DiptychError('DIPTYCH_INDEX_DAMAGED', { path, reason: (cause as Error).message }, { cause });
  });
}

/** From now on this is the graph of the store. Others are removed. */
export async function writeGraphFile(folder: string, file: GraphFile): Promise<void> {
  await writeJson(join(folder, NAME), file);
  await removeGraphs(folder, [file.file, file.signposts?.file]);
}

/** CRC-32 of a file, in hexadecimal. */
export async function fileChecksum(path: string): Promise<string> {
  let crc = 0;
  for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 })) crc = crc32(piece, crc);
  return crc.toString(16).padStart(8, '0');
}

/** @throws DIPTYCH_INDEX_DAMAGED if a file is not there, or not as long as it was written */
export async function requireSize(path: string, bytes: number): Promise<void> {
  const found = await stat(path).catch((cause) => Promise.reject(damaged(path, 'missing', cause)));
  if (found.size !== bytes) throw damaged(path, `${found.size} bytes instead of ${bytes}`);
}

/** What is wrong with the graph of a flat store; nothing if it is whole, or if there is none. */
export async function graphDamages(folder: string): Promise<Damage[]> {
  try {
    const file = await readGraphFile(folder);
    if (file === undefined) return [];
    const damages: Damage[] = [];
    for (const { file: name, bytes, checksum } of file.signposts ? [file, file.signposts] : [file]) {
      const place = join(folder, name);
      await requireSize(place, bytes);
      const whole = checksum === undefined || checksum === (await fileChecksum(place));
      if (!whole) damages.push({ place, reason: 'its checksum differs; `diptych index optimize` builds it anew' });
    }
    return damages;
  } catch (error) {
    if (!isDiptychError(error, 'DIPTYCH_INDEX_DAMAGED')) throw error;
    const { path, reason } = error.fields;
    return [{ place: path, reason }];
  }
}

/** Removes the graph of a store, which goes on without. A copy that it was of goes when the store is next opened for writing. */
export async function removeGraph(folder: string): Promise<void> {
  await rm(join(folder, NAME), { force: true });
  await removeGraphs(folder);
}

async function removeGraphs(folder: string, kept: readonly (string | undefined)[] = []): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    // One that another process has mapped stays readable there; where it cannot be removed it goes with the next.
    if (/\.usearch(\.tmp)?$/.test(name) && !kept.includes(name))
      await rm(join(folder, name), { force: true }).catch(() => {});
  }
}
