/** @file Two small models, really trained for a few steps: one on pixels of the demo's scenes, one on features of a backbone. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll } from 'vitest';
import type { PartialValuesOf } from '../../config/option.ts';
import { resolve } from '../../config/resolve.ts';
import { type Dataset, readDataset } from '../../data/dataset.ts';
import { extractFeatures } from '../../data/features/extract.ts';
import { writeDemoDataset } from '../../demo/write.ts';
import { tinyPreprocessing, writeTinyBackbone } from '../../encoders/backbone/testing/tiny.ts';
import { tinyModel, writeModel, writeTinySentenceModel } from '../../encoders/pretrained/testing/models.ts';
import { trainingSchema } from '../../methods/schema.ts';
import { Random } from '../../random/random.ts';
import { silent } from '../../system/progress.ts';
import { startTraining } from '../../training/setup/start.ts';

/** A finished run with its data. */
export interface TrainedRun {
  /** Folder of the run. */
  readonly run: string;
  /** Path of the data set. */
  readonly data: string;
  readonly dataset: Dataset;
}

/** A folder that goes when all tests of the file have ended. */
export function sharedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'diptych-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export type Values = PartialValuesOf<(typeof trainingSchema)['members']>;

/** A short run. */
export const few = { batchSize: 16, steps: 4, evaluateEvery: 2, evaluateUnit: 'steps', logEvery: 1 } as const;
const machine = { device: 'cpu', threads: 1 } as const;

export async function train(run: string, data: string, dataset: Dataset, values: Values): Promise<TrainedRun> {
  const content = { machine, training: few, tokens: { minimumCount: 1, length: 20 }, ...values };
  await startTraining({
    values: resolve(trainingSchema, { file: { path: 'a test', content: { data: { path: data }, ...content } } }),
    dataset,
    folder: run,
    command: ['train', data],
    progress: silent,
    signal: new AbortController().signal,
  });
  return { run, data, dataset };
}

/** Pixels through patches, mean pooling; recurrent texts; averaged weights. 48 + 16 scenes. */
export async function trainPixels(folder: string): Promise<TrainedRun> {
  const data = join(folder, 'scenes');
  await writeDemoDataset(data, { train: 48, val: 16, seed: 1, size: 40 });
  return train(join(folder, 'pixels-run'), data, await readDataset(data), {
    embedding: { dimension: 32 },
    image: { kind: 'pixels', imageSize: 32, patchSize: 8, width: 16, layers: 1, heads: 2, pooling: 'mean' },
    text: { kind: 'bigru', wordDimension: 12, pooling: 'mean' },
    optimiser: { averageDecay: 0.5 },
  });
}

/** A small picture unlike those of other numbers. */
async function drawNoise(path: string, number: number): Promise<void> {
  const random = new Random('noise', number);
  const [width, height] = [10 + (number % 3), 9];
  const pixels = Uint8Array.from({ length: 3 * width * height }, () => random.integer(256));
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path);
}

/** A run on features, and what made them. */
export interface TrainedOnFeatures extends TrainedRun {
  readonly features: string;
  /** The backbone's file; it does not lie beside the features. */
  readonly backbone: string;
}

/** Captioned pictures, and their features of a tiny backbone in half precision, with one further view. */
async function drawFeatures(folder: string): Promise<Omit<TrainedOnFeatures, 'run'>> {
  const pictures = join(folder, 'pictures');
  const backbones = join(folder, 'backbones');
  for (const path of [pictures, backbones]) mkdirSync(path);
  const captions = (i: number): string[] => [`picture ${i} of ${i % 5}`, `a thing of ${i % 3} parts and ${i % 5} more`];
  const lines = [];
  for (let i = 0; i < 40; i++) {
    const image = join(pictures, `${i}.png`);
    await drawNoise(image, i);
    lines.push({ image, captions: captions(i), split: i < 28 ? 'train' : 'val' });
  }
  const data = join(pictures, 'captions.jsonl');
  writeFileSync(data, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const dataset = await readDataset(data);
  const backbone = join(backbones, 'tiny.onnx');
  writeTinyBackbone(backbone);
  const features = join(folder, 'features.npy');
  const preprocessing = tinyPreprocessing('regions');
  await extractFeatures({ images: dataset.images, backbone, preprocessing, out: features, views: 1, threads: 1 });
  return { data, dataset, features, backbone };
}

/** GPO on both sides, the residual perceptron, Transformer texts. */
export async function trainFeatures(folder: string): Promise<TrainedOnFeatures> {
  const drawn = await drawFeatures(folder);
  const trained = await train(join(folder, 'features-run'), drawn.data, drawn.dataset, {
    features: { file: drawn.features },
    embedding: { dimension: 24 },
    image: { kind: 'grid', mlp: true, pooling: 'gpo' },
    text: { kind: 'transformer', width: 16, layers: 1, heads: 2, pooling: 'gpo' },
  });
  return { ...drawn, ...trained };
}

/** Heads over the pooled features and the sentence vectors of a tiny BERT, which lies in `model`. */
export async function trainHeads(folder: string): Promise<TrainedOnFeatures & { readonly model: string }> {
  const drawn = await drawFeatures(folder);
  const model = join(folder, 'text-model');
  await writeTinySentenceModel(model);
  const trained = await train(join(folder, 'heads-run'), drawn.data, drawn.dataset, headValues(folder, drawn, model));
  return { ...drawn, ...trained, model };
}

/** A tiny BERT and a tiny ViT, fine-tuned with layer-wise rates and dropout; they lie in `text-model` and `image-model`. */
export async function trainPretrained(folder: string): Promise<TrainedRun> {
  const drawn = await drawFeatures(folder);
  const [text, image] = [join(folder, 'text-model'), join(folder, 'image-model')];
  await writeTinySentenceModel(text);
  await writeModel(image, await tinyModel('vit'));
  return train(join(folder, 'pretrained-run'), drawn.data, drawn.dataset, pretrainedValues(text, image));
}

/** Options of `trainPretrained`. */
export function pretrainedValues(text: string, image: string): Values {
  return {
    embedding: { dimension: 24 },
    image: { kind: 'pretrained', model: image, pooling: 'mean', dropout: 0.1 },
    tokens: { minimumCount: 1, length: 16 },
    text: { kind: 'pretrained', model: text, pooling: 'meanMax', dropout: 0.1 },
    fineTuning: { factor: 0.1, layerDecay: 0.5, frozen: 1, dropout: 0.1 },
  };
}

/** Options of `trainHeads`. */
export function headValues(folder: string, { features }: Pick<TrainedOnFeatures, 'features'>, model: string): Values {
  return {
    // The file holds pictures as they are and mirrored, which are the first two views of a bundle.
    features: { file: features, averagedViews: 2 },
    embedding: { dimension: 24 },
    image: { kind: 'vector' },
    text: { kind: 'vector', model },
    heads: { hidden: 20, cache: join(folder, 'cache') },
  };
}
