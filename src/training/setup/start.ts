/** @file One training run from resolved options to its end: data, towers, programs, loop. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { TrainingValues } from '../../config/training.ts';
import type { Dataset } from '../../data/dataset.ts';
import { captionsOf } from '../../data/relation.ts';
import { readTokenizer } from '../../data/tokens/load.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import { countVocabulary } from '../../data/tokens/vocabulary.ts';
import { refuseTest } from '../../evaluation/guard.ts';
import { evaluate } from '../../evaluation/protocols.ts';
import { embeddingScores } from '../../evaluation/scores.ts';
import { writeJson } from '../../files/json.ts';
import type { Program } from '../../graph/compile.ts';
import { Runtime } from '../../graph/runtime/runtime.ts';
import type { Spec } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import { leavesOf } from '../../graph/tree.ts';
import { vseStages } from '../../methods/vse/stages.ts';
import { initialise } from '../../nn/parameters.ts';
import type { Progress } from '../../system/progress.ts';
import { pairBatch } from '../batches/pairs.ts';
import { train } from '../loop.ts';
import { requireMemory } from '../memory.ts';
import { compileEncoder, encodeAll } from '../program/encode.ts';
import { GraphEngine } from '../program/graph-engine.ts';
import { compileTrainingStep, stateOf, type TrainingPlan } from '../program/step.ts';
import type { Configuration } from '../run/configuration.ts';
import { openRun, type Run } from '../run/run.ts';
import { shuffledSampler } from '../sampler/shuffled.ts';
import { scheduleOf } from '../schedule.ts';
import type { Scores, TrainingResult } from '../task.ts';
import { FeatureFiles } from './features.ts';
import { longestCaption, openPart, type Part, requireImages } from './materials.ts';
import { encoderOf, type ModelFacts, optimiserOf, scheduleOptions } from './model.ts';
import { memoryNeeds } from './needs.ts';
import { type Stage, stageAt } from './stages.ts';

export interface StartOptions {
  readonly values: TrainingValues;
  readonly dataset: Dataset;
  /** Where the run is written. */
  readonly folder: string;
  /** The command line, for the record. */
  readonly command: readonly string[];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** A name under which the run keeps its tokenizer. */
export const tokenizerFile = 'tokenizer.json';
/** What the data said about the towers, kept so that the model can be built again without the data. */
export const factsFile = 'facts.json';

/**
 * Trains.
 *
 * @throws the coded errors of data, features, tokens, configuration, memory, runtime and loop
 */
export async function startTraining(options: StartOptions): Promise<TrainingResult> {
  const { values, progress, folder, signal } = options;
  refuseTest(values.data.valSplit, 'choosing the best checkpoint');
  const files = new FeatureFiles();
  try {
    const materials = await gather(options, files);
    const sampler = shuffledSampler(
      materials.train.relation.captionIds.length,
      values.training.batchSize,
      values.training.seed,
    );
    const steps = values.training.steps ?? Math.max(1, Math.round(values.training.epochs * sampler.length));
    const run = await open(options, files, steps);
    try {
      await writeJson(join(folder, tokenizerFile), materials.tokenizer.toJSON());
      await writeJson(join(folder, factsFile), materials.facts);
      const every = Math.max(
        1,
        Math.round(values.training.evaluateEvery * (values.training.evaluateUnit === 'epochs' ? sampler.length : 1)),
      );
      const stages = vseStages(values.loss, sampler.length);
      const { engine, evaluateNow } = await prepare(options, materials, stages);
      try {
        return await train({
          engine,
          sampler,
          makeBatch: (captions, _, step) =>
            pairBatch(materials.train.pairs, captions, { seed: values.training.seed, step }),
          schedule: scheduleOf(scheduleOptions(values, sampler.length), run.lengths),
          evaluate: ({ signal: stop }) => evaluateNow(stop),
          idsOf: (captions) => Array.from(captions, (caption) => materials.train.relation.captionIds[caption]),
          run,
          options: {
            evaluateEvery: every,
            saveEvery: values.training.saveEvery,
            logEvery: values.training.logEvery,
            keepLast: values.training.keepLast,
            patience: values.training.patience,
            prefetch: values.training.prefetch,
            fromStep: values.run.fromStep ?? undefined,
          },
          progress,
          signal,
        });
      } finally {
        await engine.close();
      }
    } finally {
      await run.close();
    }
  } finally {
    await files.close();
  }
}

interface Materials {
  readonly train: Part;
  readonly val: Part;
  readonly tokenizer: Tokenizer;
  readonly facts: ModelFacts;
}

async function gather({ values, dataset, progress }: StartOptions, files: FeatureFiles): Promise<Materials> {
  const { data, tokens, features, image, text, augmentation } = values;
  const trainImages = requireImages(dataset, data.trainSplits);
  const valImages = requireImages(dataset, [data.valSplit]);
  const texts = captionsOf(trainImages).map((caption) => caption.text);
  const tokenizer = tokens.file
    ? await readTokenizer(tokens.file)
    : countVocabulary(texts, { minimumCount: tokens.minimumCount });
  const captions = { tokenizer, maxLength: tokens.length };
  const longest = longestCaption([...texts, ...captionsOf(valImages).map((caption) => caption.text)], captions);
  const reading = {
    image:
      image.kind === 'grid'
        ? {
            kind: image.kind,
            features: features.file ?? undefined,
            regionDrop: augmentation.regionDrop,
            viewProbability: features.viewProbability,
          }
        : { kind: image.kind, size: image.imageSize },
    text: { ...captions, order: text.kind === 'bigru' ? 'time' : 'sequence', wordDrop: augmentation.wordDrop },
    longest,
  } as const;
  const { part: train, regions } = await openPart(trainImages, reading, files, progress);
  const { part: val } = await openPart(valImages, reading, files, progress);
  const facts: ModelFacts = {
    vocabulary: tokenizer.size,
    longest,
    features: regions && { width: regions.width, regions: regions.regions, dtype: regions.dtype },
  };
  return { train, val, tokenizer, facts };
}

async function open(
  { values, dataset, folder, command }: StartOptions,
  files: FeatureFiles,
  steps: number,
): Promise<Run> {
  return openRun({
    folder,
    configuration: values as unknown as Configuration,
    mayChange: ['machine', 'run'],
    lengthKeys: ['training.epochs', 'training.steps'],
    steps,
    data: { [dataset.name]: dataset.fingerprint, ...(await files.fingerprints()) },
    seeds: { training: values.training.seed },
    command,
    resume: values.run.resume,
    extend: false,
  });
}

async function prepare({ values, progress }: StartOptions, { train, val, facts }: Materials, stages: readonly Stage[]) {
  const plan: TrainingPlan = {
    encoder: encoderOf(values, facts),
    pairs: values.training.batchSize,
    optimiser: optimiserOf(values),
    averageDecay: values.optimiser.averageDecay,
    objectives: [
      ...new Map(
        stages.flatMap(({ weighted }) => weighted.map(({ objective }) => [objective.name, objective])),
      ).values(),
    ],
  };
  const specs = stateOf(plan);
  const needs = memoryNeeds(
    leavesOf(specs as unknown as Tree<Spec>),
    values.training,
    facts,
    values.embedding.dimension,
  );
  progress.note(requireMemory(needs, process.availableMemory()).line);

  const { device, threads } = values.machine;
  const runtime = await Runtime.start({ device, threads: threads > 0 ? threads : availableParallelism() });
  const state = initialise(specs, values.training.seed);
  for (const [path, tensor] of state) {
    if (path.startsWith('average.')) state.set(path, state.get(`params.${path.slice('average.'.length)}`)!);
    else state.set(path, tensor);
  }
  await runtime.setState(state);

  const programs = new Map<string, Program>();
  const programOf = (stage: Stage): Program => {
    const known = programs.get(stage.name) ?? compileTrainingStep(`step.${stage.name}`, plan, stage.weighted);
    programs.set(stage.name, known);
    return known;
  };
  const engine = new GraphEngine(runtime, (step) => programOf(stageAt(stages, step)));
  return { engine, evaluateNow: evaluator(runtime, plan, val, values.data.valSplit), train };
}

/** Scores on the validation split of whatever weights the runtime holds now. */
function evaluator(runtime: Runtime, plan: TrainingPlan, val: Part, split: string) {
  const source = plan.averageDecay > 0 ? 'average' : 'params';
  const programs = {
    image: compileEncoder(plan.encoder, 'image', source),
    text: compileEncoder(plan.encoder, 'text', source),
  };
  const { dimension } = plan.encoder;
  const all = (count: number) => Int32Array.from({ length: count }, (_, i) => i);
  return async function evaluateNow(signal: AbortSignal): Promise<Scores> {
    const { imageIds, captionIds } = val.relation;
    const options = { dimension, signal };
    const images = await encodeAll(runtime, programs.image, 'image', val.pairs.image, all(imageIds.length), options);
    const captions = await encodeAll(runtime, programs.text, 'text', val.pairs.text, all(captionIds.length), options);
    const scores = embeddingScores({ images, captions, dimension });
    const { result } = await evaluate(scores, val.relation, {
      split,
      facts: { featureSource: 'training' },
      bootstrap: false,
    });
    const { imageToText: i2t, textToImage: t2i, rsum } = result;
    return { rsum, i2tR1: i2t.r1, i2tR5: i2t.r5, i2tR10: i2t.r10, t2iR1: t2i.r1, t2iR5: t2i.r5, t2iR10: t2i.r10 };
  };
}
