/** @file `exportBundle`: a checkpoint of a run, or several runs, as a bundle, compared with the trained graph before it gets its name. */
import { copyFile, open, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Dataset, ImageRecord, Split } from '../data/dataset.ts';
import { imagesOf } from '../data/relation.ts';
import { DiptychError } from '../errors/error.ts';
import { writeAtomically } from '../files/atomic.ts';
import { checksumOf } from '../files/checksum.ts';
import { writeJson } from '../files/json.ts';
import type { RuntimeOptions } from '../graph/runtime/protocol.ts';
import { type Progress, silent } from '../system/progress.ts';
import type { Wanted } from '../training/checkpoint/read.ts';
import { versions } from '../training/run/versions.ts';
import { type CardMember, modelCard } from './card.ts';
import { type Member, requireAlike } from './ensemble.ts';
import { requireFree, writeFolder } from './folder.ts';
import { bundleFingerprint, type FileName, FORMAT, fileNames, type Manifest, manifestPath } from './manifest.ts';
import { openBundle } from './open.ts';
import { type PictureInput, pictureInputOf } from './picture-input.ts';
import { scoresAt } from './scores.ts';
import { traceTower } from './trace.ts';
import { loadTrained, type Trained } from './trained.ts';
import { type Verification, verifyBundle } from './verify.ts';
import { sampleOf } from './verify-inputs.ts';

export interface ExportOptions {
  /** Folder of the run. */
  readonly run: string;
  /** Further runs over the same pictures and tokenizer: a score is the mean of all. None unless given. */
  readonly ensemble?: readonly string[] | undefined;
  /** Which checkpoint of each run; the best on the validation split unless given. */
  readonly checkpoint?: Wanted | undefined;
  /** The folder to write. */
  readonly out: string;
  /** What the bundle calls itself; the names of the runs' folders unless given. */
  readonly name?: string | undefined;
  /** The data of the run, whose validation split is compared on; undefined compares on drawn inputs. */
  readonly dataset: Dataset | undefined;
  /** Where the feature file of all runs is now; where it was unless given. */
  readonly features?: string | undefined;
  /** ONNX file of the backbone that made the features; one of its name beside them unless given. */
  readonly backbone?: string | undefined;
  /** Name or path of its preprocessing; that of the features unless given. */
  readonly preprocessing?: string | undefined;
  /** Whether a bundle that is there goes. */
  readonly replace?: boolean | undefined;
  readonly device?: RuntimeOptions['device'] | undefined;
  /** Cores to use; all unless given. */
  readonly threads?: number | undefined;
  /** The command line, for the model card. */
  readonly command?: readonly string[] | undefined;
  readonly progress?: Progress | undefined;
}

export interface Exported {
  readonly folder: string;
  readonly name: string;
  readonly fingerprint: string;
  readonly dimension: number;
  /** Step of the checkpoint of the run. */
  readonly step: number;
  /** The further runs and their steps. */
  readonly ensemble: readonly { readonly run: string; readonly step: number }[];
  /** Whether the bundle encodes pictures: false over features without their backbone. */
  readonly takesPictures: boolean;
  readonly bytes: number;
  readonly verification: Verification;
}

/**
 * Exports a trained model, or several as one. Equal checkpoints give equal files and fingerprints.
 *
 * @throws what `loadTrained` throws, DIPTYCH_BUNDLE_EXISTS, DIPTYCH_EXPORT_DIFFERS, DIPTYCH_EXPORT_BACKBONE,
 *   DIPTYCH_EXPORT_INPUTS, DIPTYCH_EXPORT_ENSEMBLE, DIPTYCH_BACKBONE_…, DIPTYCH_FILE_…
 */
export async function exportBundle(options: ExportOptions): Promise<Exported> {
  const { out, dataset, replace = false, command = [], progress = silent } = options;
  const { device = 'cpu', threads = availableParallelism() } = options;
  await requireFree(out, replace);
  const runs = [options.run, ...(options.ensemble ?? [])];
  const members: Member[] = [];
  for (const run of runs) members.push(await memberOf(run, options));
  requireAlike(members);
  const [{ trained: first, input }, ...others] = members;
  for (const note of input.notes) progress.note(note);
  const models = members.map(({ trained }) => trained);
  const carded: CardMember[] = [];
  for (const trained of models) carded.push({ trained, scores: await scoresAt(trained.run, trained.checkpoint.step) });
  const sample = dataset && validationSample(first, dataset);
  let exported: Exported | undefined;
  await writeFolder(out, replace, async (folder) => {
    await writeModels(folder, models, input);
    const name = options.name ?? runs.map((run) => basename(resolve(run))).join(' + ');
    const manifest = await describe(folder, name, models, input);
    await writeJson(manifestPath(folder), manifest);
    const bundle = await openBundle(folder, { device, threads });
    try {
      const verification = await verifyBundle(bundle, models, { sample, progress });
      const card = modelCard({ manifest, members: carded, dataset, verification, command });
      await writeAtomically(join(folder, 'model.md'), card);
      const { fingerprint, dimension, files } = manifest;
      const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
      const { takesPictures } = bundle;
      exported = {
        folder: out,
        name,
        fingerprint,
        dimension,
        step: first.checkpoint.step,
        ensemble: others.map(({ trained: { run, checkpoint } }) => ({ run, step: checkpoint.step })),
        takesPictures,
        bytes,
        verification,
      };
    } finally {
      await bundle.close();
    }
  });
  return exported!;
}

/** A run with its checkpoint, and how pictures enter it. */
async function memberOf(run: string, options: ExportOptions): Promise<Member> {
  const trained = withFeatures(await loadTrained(run, options.checkpoint ?? 'best'), options.features);
  const features = featuresOf(trained, options.dataset);
  const { backbone, preprocessing } = options;
  return { trained, features, input: await pictureInputOf(trained, { features, backbone, preprocessing }) };
}

function validationSample({ run, values }: Trained, dataset: Dataset): ImageRecord[] {
  const { valSplit } = values.data;
  const sample = sampleOf(imagesOf(dataset, valSplit as Split));
  if (sample.length > 0) return sample;
  throw new DiptychError('DIPTYCH_EXPORT_INPUTS', {
    run,
    reason: `${dataset.name} has no images in split ${valSplit}`,
  });
}

function withFeatures(trained: Trained, file: string | undefined): Trained {
  if (file === undefined) return trained;
  return { ...trained, values: { ...trained.values, features: { ...trained.values.features, file } } };
}

/** The feature file: that of the options, or the one that the data set brings. */
function featuresOf({ values }: Trained, dataset: Dataset | undefined): string | undefined {
  return values.features.file ?? dataset?.images.find(({ features }) => features !== undefined)?.features;
}

async function writeModels(folder: string, models: readonly Trained[], input: PictureInput): Promise<void> {
  for (const side of ['image', 'text'] as const) {
    await writeAtomically(join(folder, `${side}.onnx`), traceTower(side, models));
  }
  await writeJson(join(folder, 'tokenizer.json'), models[0].tokenizer.toJSON());
  if (input.preprocessing) await writeJson(join(folder, 'preprocessing.json'), input.preprocessing);
  if (input.backbone !== undefined) await copyBackbone(input.backbone, join(folder, 'backbone.onnx'));
}

/** A copy that survives a loss of power, as the files that are written do. */
async function copyBackbone(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  const file = await open(to, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function describe(
  folder: string,
  name: string,
  models: readonly Trained[],
  { images }: PictureInput,
): Promise<Manifest> {
  const files: Partial<Record<FileName, { bytes: number; sha256: string }>> = {};
  for (const file of fileNames) {
    const path = join(folder, file);
    if (await isThere(path)) files[file] = await checksumOf(path);
  }
  const dimension = models.reduce((sum, { embedding }) => sum + embedding.dimension, 0);
  const [{ embedding }, ...others] = models;
  // Vectors of an ensemble are no two halves, whatever those of its members are.
  const halves = embedding.share === undefined || others.length > 0 ? {} : { share: embedding.share };
  const body = { format: FORMAT, name, dimension, ...halves, images, files, versions: versions() } as const;
  return { ...body, fingerprint: bundleFingerprint(body) };
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
