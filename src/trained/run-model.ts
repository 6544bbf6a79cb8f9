/** @file The model of a run folder: a checkpoint encodes with the program that validated it in training. */
import { basename, join, resolve } from 'node:path';
import { loadTrained, type Trained } from '../bundle/trained.ts';
import type { ImageRecord } from '../data/dataset.ts';
import { captionsOf } from '../data/relation.ts';
import { DiptychError } from '../errors/error.ts';
import type { Embeddings } from '../evaluation/scores.ts';
import { checksumOf } from '../files/checksum.ts';
import { Runtime } from '../graph/runtime/runtime.ts';
import type { TrainingValues } from '../methods/schema.ts';
import type { Side } from '../training/batches/side.ts';
import { checkpointFolder } from '../training/checkpoint/folder.ts';
import type { Wanted } from '../training/checkpoint/read.ts';
import { STATE_FILE } from '../training/checkpoint/write.ts';
import { compileEncoder, encodeAll, encodingState, type SideName } from '../training/program/encode.ts';
import { FeatureFiles } from '../training/setup/features.ts';
import { openImages } from '../training/setup/images.ts';
import { threadsOf } from '../training/setup/machinery.ts';
import { type ModelFacts, modelOf } from '../training/setup/model.ts';
import { openTexts } from '../training/setup/texts.ts';
import { vectorCache } from '../training/setup/vectors/cache.ts';
import type { EmbedOptions, TrainedModel } from './model.ts';

export interface RunModelOptions {
  readonly checkpoint: Wanted;
  /** Feature file to read; that of the run unless given. */
  readonly features: string | undefined;
  readonly machine: TrainingValues['machine'];
}

/** @throws as `loadTrained` */
export async function openRunModel(folder: string, options: RunModelOptions): Promise<TrainedModel> {
  const trained = await loadTrained(folder, options.checkpoint);
  const { values, checkpoint } = trained;
  const features = options.features ?? values.features.file ?? undefined;
  return {
    name: `${basename(resolve(folder))}, step ${checkpoint.step}`,
    folder,
    fingerprint: (await checksumOf(join(checkpointFolder(folder, checkpoint.step), STATE_FILE))).sha256,
    featureSource: sourceText(values, features),
    share: trained.embedding.share,
    selectedOn: options.checkpoint === 'best' ? values.data.valSplit : undefined,
    seed: values.training.seed,
    embed: (images, embedOptions) => embedWith(trained, { features, machine: options.machine }, images, embedOptions),
    async close() {},
  };
}

function sourceText({ image }: TrainingValues, features: string | undefined): string {
  if (image.kind === 'pixels') return `pixels, ${image.imageSize} x ${image.imageSize}`;
  return features === undefined ? 'features of the data set' : basename(features);
}

async function embedWith(
  trained: Trained,
  { features, machine }: { features: string | undefined; machine: TrainingValues['machine'] },
  images: readonly ImageRecord[],
  { progress, signal }: EmbedOptions,
): Promise<Embeddings> {
  const values = { ...trained.values, features: { ...trained.values.features, file: features ?? null } };
  const { weights } = trained;
  const files = new FeatureFiles();
  const runtime = await Runtime.start({ device: machine.device, threads: threadsOf(machine) });
  try {
    const opened = await openImages(images, values, files, progress, trained.facts.pretrained);
    requireForm(trained, opened.features);
    const texts = captionsOf(images).map(({ text }) => text);
    const cache = vectorCache(values);
    const { parts, longest } = await openTexts([texts], values, trained, { cache, progress });
    const model = modelOf(values, { ...trained.facts, longest, features: opened.features });
    const sides: Record<SideName, Side> = { image: opened.side, text: parts[0].side };
    await runtime.setState(encodingState(trained.state, model, weights));
    const { dimension } = model.embedding;
    const encode = (side: SideName, length: number) => {
      const items = Int32Array.from({ length }, (_, item) => item);
      const program = compileEncoder(model, side, weights);
      return encodeAll(runtime, program, side, sides[side], items, { dimension, signal, progress });
    };
    return {
      images: await encode('image', images.length),
      captions: await encode('text', texts.length),
      dimension,
    };
  } finally {
    await runtime.close();
    await files.close();
  }
}

/** @throws DIPTYCH_MODEL_FEATURES */
function requireForm({ run, facts }: Trained, found: ModelFacts['features']): void {
  const form = (features: ModelFacts['features']): string =>
    features ? `${features.regions} x ${features.width}` : 'pixels';
  if (form(found) === form(facts.features)) return;
  throw new DiptychError('DIPTYCH_MODEL_FEATURES', { model: run, expected: form(facts.features), found: form(found) });
}
