/** @file `extractFeatures`: a frozen backbone over the pictures of a data set, into a feature file; resumable. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FeatureShape } from '../../encoders/backbone/backbone.ts';
import { BackbonePool } from '../../encoders/backbone/pool.ts';
import { sharesOf } from '../../encoders/backbone/shares.ts';
import { DiptychError } from '../../errors/error.ts';
import { unreadable } from '../../files/failures.ts';
import { NpyWriter, partialPath } from '../../files/npy-writer.ts';
import { lockFolder } from '../../system/lock.ts';
import { type Progress, silent } from '../../system/progress.ts';
import type { Preprocessing } from '../images/preprocessing.ts';
import { encodeRows, type RowsDone } from './encode-rows.ts';
import { Journal } from './journal.ts';
import { publish } from './publish.ts';
import {
  differenceOf,
  idsFingerprint,
  type Plan,
  readSidecar,
  type Sidecar,
  sidecarPath,
  type Unreadable,
  writeSidecar,
} from './sidecar.ts';

/** Pictures that are decoded together: in a row, decoding keeps its code and tables in the cache. */
const PIECE = 16;

export interface ExtractOptions {
  /** Ids and paths, in the order that rows shall have; images of a `Dataset` serve. */
  readonly images: readonly FeatureImage[];
  /** Path of an ONNX file. */
  readonly backbone: string;
  /** What it wants done to pictures, and the names of its tensors where it has several. */
  readonly preprocessing: Preprocessing;
  /** The npy file to write; its sidecar gets the same name with `.json`. */
  readonly out: string;
  /** How numbers are stored; float16 unless given. */
  readonly dtype?: 'float16' | 'float32';
  /** Name of the tensor that holds the features; what the preprocessing says unless given. */
  readonly output?: string;
  /** Views of each picture beside the plain one: 1 mirrored, the others random parts; 0 unless given. */
  readonly views?: number;
  /** Decides the random parts; 0 unless given. */
  readonly seed?: number;
  /** Cores to use; all unless given. */
  readonly threads?: number;
  /** Takes up an unfinished file, and leaves a finished one of the same plan; `false` begins afresh and replaces it. */
  readonly resume?: boolean;
  readonly progress?: Progress;
  /** Stops after the pictures at hand; what is done is kept. */
  readonly signal?: AbortSignal;
}

export interface FeatureImage {
  /** Unique. */
  readonly id: string;
  readonly path?: string | undefined;
}

/** What was made. */
export interface Extraction {
  readonly path: string;
  readonly shape: readonly number[];
  readonly unreadable: readonly Unreadable[];
  /** Pictures encoded by this call; those of an interrupted one before it do not count. */
  readonly encoded: number;
  /** Seconds spent on them, without starting the processes. */
  readonly seconds: number;
}

/**
 * Writes `[images, regions, d]`, or `[images, 1 + views, regions, d]`, one row for each readable picture in the order given.
 * May be killed at any moment and called again: it goes on where it stopped, and the file ends up the same, bit for bit.
 *
 * @throws DIPTYCH_FEATURES_… (see the registry), DIPTYCH_BACKBONE_…, DIPTYCH_RUN_LOCKED if another process is at it,
 *   DIPTYCH_FILE_UNWRITABLE
 */
export async function extractFeatures(options: ExtractOptions): Promise<Extraction> {
  const { images, out, resume = true } = options;
  checkRequest(options);
  const plan = await planOf(options);
  const work = workOf(out);
  // A finished file may lie where nothing can be written.
  if (resume && existsSync(out) && !existsSync(work.folder)) return await finished(out, plan);
  const lock = await lockFolder(work.folder);
  try {
    const begun = resume ? await Journal.resume(work.journal) : undefined;
    if (begun !== undefined) refuseOther(work.folder, begun.head.plan, plan);
    else if (resume && existsSync(out)) return await finished(out, plan);
    if (begun !== undefined && isComplete(begun, images.length, work)) {
      return { ...(await finish(options, work, begun)), encoded: 0, seconds: 0 };
    }
    const { journal, ...done } = await encode(options, plan, work, begun);
    return { ...(await finish(options, work, journal)), ...done };
  } finally {
    await lock.release();
    // Stays where work is left in it.
    await rmdir(work.folder).catch(() => {});
  }
}

/** Where an unfinished feature file lies. */
interface Work {
  readonly out: string;
  readonly folder: string;
  readonly rows: string;
  readonly journal: string;
}

function workOf(out: string): Work {
  const folder = `${out}.unfinished`;
  return { out, folder, rows: join(folder, 'rows.npy'), journal: join(folder, 'journal.jsonl') };
}

async function encode(
  options: ExtractOptions,
  plan: Plan,
  work: Work,
  begun: Journal | undefined,
): Promise<RowsDone & { journal: Journal }> {
  const { images, threads = availableParallelism(), progress = silent, signal } = options;
  const file = { model: options.backbone, preprocessing: plan.preprocessing };
  const shares = await sharesOf(options.backbone, threads);
  const pool = await BackbonePool.open(file, { ...shares, dtype: plan.dtype });
  try {
    const shape = rowsShape(images.length, plan, pool.shape);
    if (begun === undefined) await rm(partialPath(work.rows), { force: true });
    const writer = await NpyWriter.open(work.rows, { dtype: plan.dtype, shape });
    try {
      const journal = begun !== undefined && writer.resumed ? begun : await begin(work, plan, pool.shape);
      const done = await encodeRows({ pool, images, plan, writer, journal, progress, signal });
      if (journal.done.size < piecesOf(images.length, journal)) throw stopped(work.out, journal, images.length);
      await writer.finish();
      return { journal, ...done };
    } catch (error) {
      await writer.close();
      throw error;
    }
  } finally {
    await pool.close();
  }
}

function begin(work: Work, plan: Plan, { output, regions, dimension }: FeatureShape): Promise<Journal> {
  return Journal.begin(work.journal, { plan, piece: PIECE, output, regions, dimension });
}

/** Gives the rows their name and the file its sidecar. All of it may have been done before, up to a kill. */
async function finish(
  { images, out, backbone }: ExtractOptions,
  work: Work,
  journal: Journal,
): Promise<Pick<Extraction, 'path' | 'shape' | 'unreadable'>> {
  const { plan, output } = journal.head;
  const { refused } = journal;
  if (refused.size === images.length) {
    // Nothing is lost by beginning afresh, and the cause may be a folder that was not there.
    await rm(work.folder, { recursive: true });
    throw new DiptychError('DIPTYCH_FEATURES_NONE', { path: out, images: images.length, reason: refused.get(0) ?? '' });
  }
  const shape = rowsShape(images.length, plan, journal.head);
  const unreadable = images.flatMap(({ id, path: file = '' }, position): Unreadable[] => {
    const reason = refused.get(position);
    return reason === undefined ? [] : [{ id, file, reason }];
  });
  const sidecar: Sidecar = {
    version: 1,
    plan,
    model: basename(backbone),
    output,
    shape: [images.length - refused.size, ...shape.slice(1)],
    ids: images.flatMap(({ id }, position) => (refused.has(position) ? [] : [id])),
    unreadable,
  };
  if (existsSync(work.rows)) await publish(work.rows, out, refused, sidecar);
  else await writeSidecar(out, sidecar);
  await rm(work.journal);
  return { path: out, shape: sidecar.shape, unreadable };
}

/** Whether every row was encoded and the file of rows was closed; it may have its final name already. */
function isComplete(journal: Journal, images: number, { rows, out }: Work): boolean {
  const closed = !existsSync(partialPath(rows)) && (existsSync(rows) || existsSync(out));
  return closed && journal.done.size === piecesOf(images, journal);
}

function piecesOf(images: number, journal: Journal): number {
  return Math.ceil(images / journal.head.piece);
}

function rowsShape(images: number, plan: Plan, shape: { regions: number; dimension: number }): number[] {
  const views = plan.views === 0 ? [] : [1 + plan.views];
  return [images, ...views, shape.regions, shape.dimension];
}

async function finished(out: string, plan: Plan): Promise<Extraction> {
  if (!existsSync(sidecarPath(out))) throw taken(out, 'it has no sidecar');
  const { shape, unreadable, plan: found } = await readSidecar(out);
  refuseOther(out, found, plan);
  return { path: out, shape, unreadable, encoded: 0, seconds: 0 };
}

function refuseOther(path: string, found: Plan, wanted: Plan): void {
  const difference = differenceOf(found, wanted);
  if (difference !== undefined) throw taken(path, difference);
}

function taken(path: string, difference: string): DiptychError {
  return new DiptychError('DIPTYCH_FEATURES_TAKEN', { path, difference });
}

function stopped(path: string, journal: Journal, images: number): DiptychError {
  const done = Math.min(images, journal.done.size * journal.head.piece);
  return new DiptychError('DIPTYCH_FEATURES_STOPPED', { path, done, images });
}

function checkRequest({ images, out }: ExtractOptions): void {
  if (!out.endsWith('.npy')) {
    throw new DiptychError('DIPTYCH_FEATURES_INVALID', { path: out, reason: 'the name must end in .npy' });
  }
  if (images.length === 0) {
    throw new DiptychError('DIPTYCH_FEATURES_NONE', { path: out, images: 0, reason: 'there are none' });
  }
  const seen = new Set<string>();
  for (const { id } of images) {
    if (seen.has(id)) throw new DiptychError('DIPTYCH_FEATURES_IDS', { path: out, id, reason: 'is there twice' });
    seen.add(id);
  }
}

async function planOf(options: ExtractOptions): Promise<Plan> {
  const { images, preprocessing, output, dtype = 'float16', views = 0, seed = 0 } = options;
  return {
    backbone: await fileFingerprint(options.backbone),
    preprocessing: output === undefined ? preprocessing : { ...preprocessing, output },
    dtype,
    views,
    // Without random parts the seed decides nothing.
    seed: views > 1 ? seed : 0,
    images: idsFingerprint(images.map(({ id }) => id)),
  };
}

/** SHA-256 of a file. */
async function fileFingerprint(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash).catch((cause) => {
    throw unreadable(path, cause);
  });
  return hash.digest('hex');
}
