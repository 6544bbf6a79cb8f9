/** @file How pictures enter a model: as pixels, or through the frozen backbone that made the features it learnt from. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readSidecar, type Sidecar, sidecarPath } from '../data/features/sidecar.ts';
import { outputSize } from '../data/images/preprocess.ts';
import { type Preprocessing, readPreprocessing } from '../data/images/preprocessing.ts';
import { DiptychError } from '../errors/error.ts';
import { checksumOf } from '../files/checksum.ts';
import { canonicalJson } from '../training/run/configuration.ts';
import { bytesOf } from '../training/setup/pictures.ts';
import type { ImagesInput } from './manifest.ts';
import { EMBEDDING } from './trace.ts';
import type { Trained } from './trained.ts';

export interface PictureInput {
  readonly images: ImagesInput;
  /** What is done to a picture first; undefined where nobody knows. */
  readonly preprocessing: Preprocessing | undefined;
  /** The backbone's file; undefined for pixels, and where it is not at hand. */
  readonly backbone: string | undefined;
  /** What people should know. */
  readonly notes: readonly string[];
}

/** What was said on the command line. */
export interface PictureInputOptions {
  /** Path of the feature file that the run learnt from. */
  readonly features: string | undefined;
  /** Path of the backbone; a file of its name beside the features unless given. */
  readonly backbone: string | undefined;
  /** Name or path of the preprocessing; that of the features unless given. */
  readonly preprocessing: string | undefined;
}

/**
 * Finds how pictures enter. What stands beside the feature file counts; what is given must agree with it.
 *
 * @throws DIPTYCH_EXPORT_BACKBONE, DIPTYCH_PREPROCESSING_UNKNOWN, DIPTYCH_FILE_…, DIPTYCH_JSON_…
 */
export async function pictureInputOf(
  { values, facts }: Pick<Trained, 'values' | 'facts'>,
  { features, backbone, preprocessing }: PictureInputOptions,
): Promise<PictureInput> {
  if (!facts.features) return pixelInput(bytesOf(values, facts.pretrained));
  const { regions, width, dtype, views = 1 } = facts.features;
  const known = features !== undefined && existsSync(sidecarPath(features)) ? await readSidecar(features) : undefined;
  const file = await backboneFile(features, known, backbone);
  const chosen = await preprocessingFor(known, preprocessing);
  if (file && !chosen) throw refuse(file.path, 'nothing says what it wants done to pictures; add `--preprocessing`');
  const sha256 = file?.sha256 ?? known?.plan.backbone ?? null;
  const name = known ? ` ${known.model}` : '';
  const missing = `without its backbone${name} the bundle encodes features and texts, no pictures; add --backbone FILE`;
  return {
    images: { kind: 'features', regions, width, dtype, backbone: sha256, ...(views > 1 && { views }) },
    preprocessing: chosen,
    backbone: file?.path,
    notes: file ? [] : [missing],
  };
}

/** Bytes as for training. */
function pixelInput(bytes: Preprocessing): PictureInput {
  const preprocessing = { ...bytes, input: 'pixels', output: EMBEDDING };
  const { width: size } = outputSize(bytes);
  return { images: { kind: 'pixels', size }, preprocessing, backbone: undefined, notes: [] };
}

async function backboneFile(
  features: string | undefined,
  known: Sidecar | undefined,
  given: string | undefined,
): Promise<{ path: string; sha256: string } | undefined> {
  const beside = features !== undefined && known ? join(dirname(features), known.model) : undefined;
  const path = given ?? (beside !== undefined && existsSync(beside) ? beside : undefined);
  if (path === undefined) return undefined;
  const { sha256 } = await checksumOf(path);
  if (!known || known.plan.backbone === sha256) return { path, sha256 };
  if (given === undefined) return undefined;
  throw refuse(
    path,
    `the features were made by ${known.model} with SHA-256 ${known.plan.backbone}, this has ${sha256}`,
  );
}

async function preprocessingFor(
  known: Sidecar | undefined,
  given: string | undefined,
): Promise<Preprocessing | undefined> {
  const wanted = given === undefined ? undefined : await readPreprocessing(given);
  if (!known) return wanted;
  const made = known.plan.preprocessing;
  if (given !== undefined && wanted !== undefined && picturesText(wanted) !== picturesText(made)) {
    throw refuse(given, `the features were made with ${picturesText(made)}`);
  }
  return { ...made, output: known.output };
}

/** What a preprocessing does to pictures, apart from the names of tensors. */
function picturesText({ input: _input, output: _output, ...rest }: Preprocessing): string {
  return canonicalJson(rest);
}

function refuse(path: string, reason: string) {
  return new DiptychError('DIPTYCH_EXPORT_BACKBONE', { path, reason });
}
