/** @file One training run from resolved options to its end: data, towers, programs, loop. */

import type { Dataset } from '../../data/dataset.ts';
import { refuseTest } from '../../evaluation/guard.ts';
import type { Relevance } from '../../methods/bcls/relevance/relevance.ts';
import { iccName } from '../../methods/icc/objective.ts';
import type { TrainingValues } from '../../methods/schema.ts';
import type { Progress } from '../../system/progress.ts';
import { type PairSource, pairBatch } from '../batches/pairs.ts';
import { train } from '../loop.ts';
import type { RoundPlan } from '../rounds/plan.ts';
import type { Run } from '../run/run.ts';
import type { Sampler } from '../sampler/sampler.ts';
import { scheduleOf } from '../schedule.ts';
import type { TrainingResult, TrainingTask } from '../task.ts';
import { type Blueprint, type Plan, planOf } from './blueprint.ts';
import { FeatureFiles } from './features.ts';
import { labelled } from './labels.ts';
import { extended, type Lengths, lengthsOf } from './lengths.ts';
import { type Machinery, startMachinery } from './machinery.ts';
import { gather, type Materials, requireSeveralImages } from './materials.ts';
import { writeModelFiles } from './model-files.ts';
import { scheduleOptions } from './optimiser.ts';
import { openRecord } from './record.ts';
import { openRounds, plannedRounds, readsTeacher, withTeacher } from './rounds.ts';
import { firstSampler } from './sampler.ts';
import { storedVectors } from './stored.ts';
import { type RunSummary, summaryOf } from './summary.ts';
import { placed } from './tuning.ts';
import { withViews } from './views.ts';
import { fitting, readWarmStart } from './warm.ts';

export interface StartOptions {
  readonly values: TrainingValues;
  /** Name of the preset that the values come from, for the record. */
  readonly preset?: string | undefined;
  readonly dataset: Dataset;
  /** Where the run is written. */
  readonly folder: string;
  /** The command line, for the record. */
  readonly command: readonly string[];
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Told what is about to happen, before the first step. */
  readonly onStart?: (summary: RunSummary) => void;
}

/**
 * Trains.
 *
 * @throws the coded errors of data, features, tokens, configuration, memory, runtime and loop
 */
export async function startTraining(options: StartOptions): Promise<TrainingResult> {
  const values = extended(options.values);
  refuseTest(values.data.valSplit, 'choosing the best checkpoint');
  const files = new FeatureFiles();
  const closing = [() => files.close()];
  try {
    const gathered = await gather(values, options.dataset, files, options.progress);
    requireSeveralImages(gathered.train);
    const { materials, relevance, close } = await labelled(values, options.dataset, gathered, options.progress);
    closing.push(close);
    const sampler = firstSampler(values, materials.train.pairs.imageOfCaption);
    const lengths = lengthsOf(values, sampler.length);
    const rounds = plannedRounds(values, materials.train, lengths);
    return await trainOn({ ...options, values }, { materials, relevance, sampler, lengths, rounds });
  } finally {
    for (const close of closing) await close();
  }
}

interface Prepared {
  readonly materials: Materials;
  /** Degrees of relevance on the validation split. */
  readonly relevance: Relevance | undefined;
  /** Batches until the first round. */
  readonly sampler: Sampler;
  readonly lengths: Lengths;
  readonly rounds: RoundPlan | undefined;
}

/** Whatever can be refused is refused before anything is written. */
async function trainOn(options: StartOptions, prepared: Prepared): Promise<TrainingResult> {
  const { values } = options;
  const { materials, relevance, lengths } = prepared;
  const blueprint: Blueprint = { values, facts: materials.facts, epochLength: lengths.epoch };
  const plan = planOf(blueprint);
  const viewed = withViews(values, materials.train.pairs, { tokenizer: materials.tokenizer, ...materials.facts });
  const { warmStart } = values.training;
  const warm = warmStart === null ? undefined : await readWarmStart(warmStart);
  const given = new Map([
    ...placed(materials.given, plan.training.encoder),
    ...(warm ? fitting(warm, plan.training, options.progress) : []),
  ]);
  const summary = summaryOf({ ...options, plan, ...prepared });
  const machinery = await startMachinery(blueprint, plan, { ...materials, given, relevance });
  try {
    const fingerprints = { ...materials.fingerprints, ...(warm && { 'warm start': warm.fingerprint }) };
    const run = await openRecord({ ...options, preset: options.preset, steps: lengths.run, fingerprints });
    try {
      await writeModelFiles(run.folder, materials);
      options.onStart?.(summary);
      noteUnreached(plan, lengths, options.progress);
      return await train(taskOf(options, run, plan, { ...prepared, viewed }, machinery));
    } finally {
      await run.close();
    }
  } finally {
    await machinery.close();
  }
}

/** Says which stages of a method lie behind the end of the run. */
function noteUnreached({ stages }: Plan, { run }: Lengths, progress: Progress): void {
  for (const { name, from } of stages) {
    if (from >= run) progress.note(`stage ${name} begins at step ${from}: a run of ${run} steps does not reach it`);
  }
}

function taskOf(
  { values, progress, signal }: StartOptions,
  run: Run,
  plan: Plan,
  { materials, viewed, sampler: base, lengths, rounds: roundPlan }: Prepared & { readonly viewed: PairSource },
  { engine, validate, encode, background, runtime }: Machinery,
): TrainingTask {
  const { train } = materials;
  const { folder } = run;
  const rounds =
    roundPlan && openRounds(values, { plan: roundPlan, folder, base, train, encode, background, progress });
  const sampler = rounds?.sampler ?? base;
  const { feeds } = viewed;
  const { dimension } = plan.embedding;
  const pairs = readsTeacher(values)
    ? { ...viewed, feeds: { ...feeds, [iccName]: withTeacher(feeds?.[iccName], rounds, dimension) } }
    : viewed;
  const { stages, training } = plan;
  const stored = storedVectors({ stages, encoder: training.encoder, runtime, background, train, progress });
  const stageStarts = plan.stages.map(({ from }) => from);
  const restarts = values.objectives.terms.includes('icc') ? stageStarts : undefined;
  const { saveEvery, logEvery, keepLast, patience, prefetch, seed } = values.training;
  const { evaluateEvery } = lengths;
  return {
    engine,
    sampler,
    makeBatch: (captions, _, step, stage) =>
      pairBatch(stored?.pairsOf(stage, pairs) ?? pairs, captions, { seed, step }),
    ...(stored && { prepareStage: stored.prepare }),
    schedule: scheduleOf({ ...scheduleOptions(values, sampler.length), restarts }, run.lengths),
    stageStarts,
    rounds,
    evaluate: validate,
    idsOf: (captions) => Array.from(captions, (caption) => train.relation.captionIds[caption]),
    run,
    options: {
      ...{ evaluateEvery, saveEvery, logEvery, keepLast, patience, prefetch },
      fromStep: values.run.fromStep ?? undefined,
      seconds: values.training.minutes === null ? undefined : 60 * values.training.minutes,
    },
    progress,
    signal,
  };
}
