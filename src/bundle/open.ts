/** @file Opening a bundle: every file checked against its checksum, then pictures and texts to vectors. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { View } from '../data/images/preprocess.ts';
import { type Preprocessing, preprocessingSchema } from '../data/images/preprocessing.ts';
import { textWarning } from '../data/tokens/inspect.ts';
import { tokenizerFromJSON } from '../data/tokens/load.ts';
import type { Tokenizer } from '../data/tokens/tokenizer.ts';
import { sharesOf } from '../encoders/backbone/shares.ts';
import { DiptychError, isDiptychError } from '../errors/error.ts';
import { checksumOf } from '../files/checksum.ts';
import { readJson } from '../files/json.ts';
import type { RuntimeOptions } from '../graph/runtime/protocol.ts';
import type { Encoder } from '../index/encoder.ts';
import { damagedBundle, type FileName, fileNames, type Manifest, pictureForm, readManifest } from './manifest.ts';
import { Models } from './models.ts';
import { type PictureSource, Pictures, type PictureVector, pictureModel, pictureViews } from './pictures.ts';

export interface OpenOptions {
  /** Cores to use; all unless given. With 1, one process decodes and encodes pictures. */
  readonly threads?: number | undefined;
  /** What runs the text model, and the image model over features; the CPU unless given. */
  readonly device?: RuntimeOptions['device'] | undefined;
}

/** Images whose features go through the model together. */
const FEATURES = 32;

/**
 * Opens a bundle.
 *
 * @throws DIPTYCH_BUNDLE_MISSING, DIPTYCH_BUNDLE_FORMAT, DIPTYCH_BUNDLE_DAMAGED, DIPTYCH_FILE_UNREADABLE
 */
export async function openBundle(folder: string, options: OpenOptions = {}): Promise<Bundle> {
  const manifest = await readManifest(folder);
  const { threads = availableParallelism(), device = 'cpu' } = options;
  await verifyFiles(folder, manifest, fileNames);
  const tokenizer = await readTokenizer(folder);
  const preprocessing = manifest.files['preprocessing.json'] && (await readPicturePreprocessing(folder));
  const models = new Models(folder, manifest, { device, threads });
  return new Bundle(folder, manifest, { tokenizer, preprocessing, models, threads });
}

interface Parts {
  readonly tokenizer: Tokenizer;
  readonly preprocessing: Preprocessing | undefined;
  readonly models: Models;
  readonly threads: number;
}

/** An open bundle. Models are loaded when they are first needed; nothing of them runs in the thread that asks. */
export class Bundle implements Encoder {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly tokenizer: Tokenizer;
  /** The models themselves, for inputs that are arrays already. */
  readonly models: Models;
  readonly #preprocessing: Preprocessing | undefined;
  readonly #threads: number;
  #pictures: Promise<Pictures> | undefined;

  constructor(folder: string, manifest: Manifest, parts: Parts) {
    this.folder = folder;
    this.manifest = manifest;
    this.tokenizer = parts.tokenizer;
    this.models = parts.models;
    this.#preprocessing = parts.preprocessing;
    this.#threads = parts.threads;
  }

  get fingerprint(): string {
    return this.manifest.fingerprint;
  }

  get dimension(): number {
    return this.manifest.dimension;
  }

  /** Whether pictures can be encoded. */
  get takesPictures(): boolean {
    return takesPictures(this.manifest);
  }

  /**
   * One vector for each picture, or what is wrong with it.
   *
   * @param sources paths, or the bytes of picture files
   * @param views whose vectors are averaged; those of the bundle unless given
   * @throws DIPTYCH_BUNDLE_FEATURES_ONLY if the bundle has no backbone; DIPTYCH_BACKBONE_…
   */
  async encodeImages(
    sources: readonly PictureSource[],
    views: readonly View[] = pictureViews(this.manifest.images),
  ): Promise<PictureVector[]> {
    this.#pictures ??= this.#openPictures();
    return (await this.#pictures).encode(sources, views);
  }

  /**
   * Vectors of images whose features are there already.
   *
   * @param features [images, regions, width], of the backbone that the model was trained on
   * @returns [images, dimension]
   * @throws DIPTYCH_BUNDLE_INPUT
   */
  async encodeFeatures(features: Float32Array): Promise<Float32Array> {
    const { images, dimension } = this.manifest;
    const { models } = this;
    const length = models.imageLength;
    if (images.kind === 'pixels') throw this.#refuse('pictures', 'features');
    if (features.length % length !== 0) {
      throw this.#refuse(`${pictureForm(images)} for each image`, `${features.length} numbers`);
    }
    const count = features.length / length;
    const vectors = new Float32Array(count * dimension);
    for (let start = 0; start < count; start += FEATURES) {
      vectors.set(await models.images(features.slice(start * length, (start + FEATURES) * length)), start * dimension);
    }
    return vectors;
  }

  /** One vector for each text; a long one is cut as captions were in training. */
  async encodeTexts(texts: readonly string[]): Promise<Float32Array[]> {
    const ids = texts.map((text) => this.tokenizer.encode(text));
    return this.models.texts(ids, this.tokenizer.padId);
  }

  /** A sentence for people about a text that the model cannot read well; undefined if it can. */
  textWarning(text: string): string | undefined {
    return textWarning(this.tokenizer, text);
  }

  async close(): Promise<void> {
    const pictures = await this.#pictures?.catch(() => undefined);
    await Promise.all([pictures?.close(), this.models.close()]);
  }

  async #openPictures(): Promise<Pictures> {
    const { folder, manifest } = this;
    const { images, dimension } = manifest;
    const preprocessing = this.#preprocessing;
    if (!preprocessing || !this.takesPictures) throw new DiptychError('DIPTYCH_BUNDLE_FEATURES_ONLY', { path: folder });
    const shares = await sharesOf(join(folder, pictureModel(images)), this.#threads);
    return Pictures.open({ folder, images, dimension, preprocessing, shares });
  }

  #refuse(expected: string, found: string) {
    return new DiptychError('DIPTYCH_BUNDLE_INPUT', { path: this.folder, expected, found });
  }
}

/**
 * Checks files of a bundle, those that it has, against their checksums.
 *
 * @throws DIPTYCH_BUNDLE_DAMAGED, DIPTYCH_FILE_UNREADABLE
 */
export async function verifyFiles(folder: string, manifest: Manifest, names: readonly FileName[]): Promise<void> {
  for (const name of names) {
    const expected = manifest.files[name];
    if (expected) await verifyFile(join(folder, name), expected);
  }
  requireFiles(folder, manifest);
}

/** @throws DIPTYCH_BUNDLE_DAMAGED */
export function readTokenizer(folder: string): Promise<Tokenizer> {
  return readPart(folder, 'tokenizer.json', async (path) => tokenizerFromJSON(await readJson(path, z.unknown()), path));
}

/** What a bundle does to pictures before they enter. @throws DIPTYCH_BUNDLE_DAMAGED */
export function readPicturePreprocessing(folder: string): Promise<Preprocessing> {
  return readPart(folder, 'preprocessing.json', (path) => readJson(path, preprocessingSchema));
}

/** Whether a bundle encodes pictures: over features, only with the backbone that makes them. */
export function takesPictures({ files, images }: Manifest): boolean {
  return files['preprocessing.json'] !== undefined && files[pictureModel(images)] !== undefined;
}

async function verifyFile(path: string, expected: { bytes: number; sha256: string }): Promise<void> {
  if (!existsSync(path)) throw damagedBundle(path, 'it is missing');
  const { bytes, sha256 } = await checksumOf(path);
  if (bytes !== expected.bytes) throw damagedBundle(path, `${bytes} bytes instead of ${expected.bytes}`);
  if (sha256 !== expected.sha256) throw damagedBundle(path, 'it does not match its checksum');
}

/** What a manifest must list to be that of a bundle at all. */
function requireFiles(folder: string, { files, images }: Manifest): void {
  const needed: FileName[] = ['image.onnx', 'text.onnx', 'tokenizer.json'];
  if (images.kind === 'pixels' || files['backbone.onnx']) needed.push('preprocessing.json');
  const missing = needed.find((name) => !files[name]);
  if (missing !== undefined) throw damagedBundle(join(folder, 'bundle.json'), `it lists no ${missing}`);
  const found = files['backbone.onnx']?.sha256;
  if (found !== undefined && (images.kind === 'pixels' || images.backbone !== found)) {
    throw damagedBundle(join(folder, 'backbone.onnx'), 'it is not the backbone that the bundle says it needs');
  }
}

async function readPart<T>(folder: string, name: FileName, read: (path: string) => Promise<T>): Promise<T> {
  const path = join(folder, name);
  return read(path).catch((cause) => {
    if (!isDiptychError(cause)) throw cause;
    throw damagedBundle(path, cause.message, cause);
  });
}
