/** @file The training loop: steps, evaluations, logs, checkpoints, and an end that loses nothing. */
import { DiptychError } from '../errors/error.ts';
import { exitOf } from '../system/signals.ts';
import type { Position } from './checkpoint/manifest.ts';
import { dumpIncident, notFinite } from './dump.ts';
import { type NamedTensors, scalar } from './engine.ts';
import type { Logs } from './logs/logs.ts';
import { Meter } from './logs/meter.ts';
import { beganAt, broughtForward, isOver, plannedStep, reachedStep, roundsBegan, stageOf } from './pace.ts';
import {
  afterEvaluation,
  afterLog,
  afterReaching,
  afterStep,
  epochDone,
  isEvaluated,
  isExhausted,
  nextPlace,
  type Place,
} from './position.ts';
import { type Prefetched, prefetch } from './prefetch.ts';
import { reporterOf } from './reporter.ts';
import { openSession, saveSession } from './session.ts';
import type { TrainingResult, TrainingTask } from './task.ts';

/**
 * Trains from where the run stands to its end. What has been done at a step depends on configuration, data and seed only:
 * a run that was killed and resumed at any moments equals one that was not, bit for bit. Only a limit in seconds makes it
 * depend on how fast the machine is, where it is too short for the run.
 *
 * @throws DIPTYCH_TRAINING_NOT_FINITE after writing a dump; DIPTYCH_FILE_UNWRITABLE when logs or checkpoints cannot be
 *   written (those written before stay); the errors of `openSession`; whatever engine, batches and evaluation throw
 */
export async function train(task: TrainingTask): Promise<TrainingResult> {
  const { position, logs } = await openSession(task);
  try {
    return await trainFrom(task, position, logs);
  } finally {
    await logs.close();
  }
}

async function trainFrom(given: TrainingTask, start: Position, logs: Logs): Promise<TrainingResult> {
  const { run, sampler, options, signal } = given;
  const clock = { since: performance.now(), before: logs.seconds };
  const time = {
    limit: options.seconds,
    used: (): number => clock.before + (performance.now() - clock.since) / 1000,
  };
  // The rate of a step is that of the step of the plan that the run is at.
  const paced = (step: number): number => given.schedule(plannedStep({ ...position, step }, run.steps, time));
  const task = { ...given, schedule: paced };
  let batches: Prefetched<Batch> | undefined;
  const meter = new Meter();
  const reporter = reporterOf(task, logs, meter, time.used);
  let position = start;
  let savedAt = start.step;

  for (;;) {
    const late = position.step > 0 && isOver(time);
    if (!late) keepUp();
    if (late) await logNow();
    const evaluationDue = isEvaluationDue(position, task) || (late && !isEvaluated(position));
    const evaluated = !signal.aborted && evaluationDue && (await evaluateNow());
    const ended = endOf(position) ?? (late ? 'time' : undefined);
    const due = options.saveEvery > 0 && position.step % options.saveEvery === 0;
    if (evaluated || ((ended !== undefined || due) && savedAt !== position.step)) {
      await saveSession(task, { position, logs });
      savedAt = position.step;
    }
    if (ended !== undefined) return resultOf(ended);
    batches ??= await batchesNow();
    if (batches) await stepNow(batches);
  }

  /** Brings forward the stages and rounds that time demands. */
  function keepUp(): void {
    const early = broughtForward(position, plannedStep(position, run.steps, time), task);
    position = afterReaching(position, early);
    for (const { planned, step } of early) {
      given.progress.note(`time is short: what was planned for step ${planned} begins at step ${step}`);
    }
    if (beginsRound(position, task) || (task.prepareStage && beginsStage(position, task))) batches = undefined;
  }

  /** Batches from here to the next round or stage; undefined if the process is asked to stop before it has begun. */
  async function batchesNow(): Promise<Prefetched<Batch> | undefined> {
    const { rounds } = task;
    const preparing = task.prepareStage?.(stageOf(position, task.stageStarts), signal).then(() => true);
    if (preparing && !(await unlessStopped(preparing))) return undefined;
    const planned = rounds?.startOf(reachedStep(position));
    if (!rounds || planned === undefined) return batchesFrom(task, position);
    const round = { planned, step: beganAt(position, planned) };
    if (round.step === position.step) {
      const metrics = await unlessStopped(rounds.begin(round, signal));
      if (!metrics) return undefined;
      await reporter.begun(position, metrics);
    } else {
      await rounds.resume(round);
    }
    return batchesFrom(task, position);
  }

  /** False if it was given up because the process is to stop. */
  async function evaluateNow(): Promise<boolean> {
    const { step } = position;
    const epoch = epochDone(position);
    const scores = await unlessStopped(task.evaluate({ step, epoch, signal }));
    if (!scores) return false;
    requireFinite(step, scores);
    position = afterEvaluation(position, scores.rsum);
    await reporter.evaluated(position, scores);
    return true;
  }

  /** Undefined for work that was given up because the process is to stop. */
  function unlessStopped<T>(work: Promise<T>): Promise<T | undefined> {
    return work.catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    });
  }

  /** One step, or none if the process is asked to stop before the batch is there. */
  async function stepNow(ahead: Prefetched<Batch>): Promise<void> {
    const asked = performance.now();
    const batch = await unlessAborted(ahead.next(), signal);
    if (!batch) return;
    const ready = performance.now();
    const stepping = task.engine.step(controlled(batch.feeds, position, task));
    ahead.fill();
    const metrics = await stepping;
    const done = performance.now();
    if (notFinite(metrics)) throw await incidentOf(task, position, batch, metrics);
    meter.add({ pairs: batch.indices.length, waited: (ready - asked) / 1000, computed: (done - ready) / 1000 });
    position = afterStep(position, sampler.length, metrics);
    reporter.stepped(position, metrics);
    if (position.step % options.logEvery === 0 || position.step === run.steps) await logNow();
  }

  /** Logs the steps since the last time. */
  async function logNow(): Promise<void> {
    if (position.pending.steps === 0) return;
    await reporter.logged(position);
    position = afterLog(position);
  }

  function endOf({ step }: Position): TrainingResult['ended'] | undefined {
    if (step >= run.steps && !isEvaluationDue(position, task)) return 'finished';
    if (isExhausted(position, options.patience)) return 'early';
    if (task.rounds?.areExhausted(position.evaluations, roundsBegan(position, task))) return 'early';
    return signal.aborted ? 'interrupted' : undefined;
  }

  function resultOf(ended: TrainingResult['ended']): TrainingResult {
    const { step, best } = position;
    return {
      steps: step,
      epochs: step / sampler.length,
      seconds: reporter.seconds(),
      best: best ?? undefined,
      ended,
      exit: ended === 'interrupted' ? exitOf(signal) : 0,
    };
  }
}

/** Where it is asked for, at the end of the run, and where a round ends. */
function isEvaluationDue(position: Position, task: TrainingTask): boolean {
  const { step } = position;
  const due = step % task.options.evaluateEvery === 0 || step >= task.run.steps || beginsRound(position, task);
  return step > 0 && due && !isEvaluated(position);
}

/** Whether a round begins with the next step. */
function beginsRound(position: Position, { rounds }: TrainingTask): boolean {
  const planned = rounds?.startOf(reachedStep(position));
  return planned !== undefined && beganAt(position, planned) === position.step;
}

/** Whether a stage begins with the next step. */
function beginsStage(position: Position, { stageStarts }: TrainingTask): boolean {
  return stageStarts.some((planned) => beganAt(position, planned) === position.step);
}

/** The step at which the next stage begins, as things stand; none after the last. */
function nextStage(position: Position, { stageStarts }: TrainingTask): number {
  const starts = stageStarts.map((planned) => beganAt(position, planned));
  return starts.find((step) => step > position.step) ?? Number.POSITIVE_INFINITY;
}

/** A batch without what the loop adds. */
interface Batch {
  readonly indices: Int32Array;
  readonly feeds: NamedTensors;
}

/** Made ahead up to the next round or prepared stage, whose batches follow from weights that are not there yet. */
function batchesFrom(task: TrainingTask, start: Position): Prefetched<Batch> {
  const { sampler, run, options, rounds, stageStarts } = task;
  const round = rounds?.nextFrom(reachedStep(start) + 1) ?? run.steps;
  const end = Math.min(run.steps, round, task.prepareStage ? nextStage(start, task) : run.steps);
  let place: Place = start;
  return prefetch(start.step, end, options.prefetch, async function makeNext(): Promise<Batch> {
    const { step, epoch, index } = place;
    place = nextPlace(place, sampler.length);
    const indices = sampler.batch(epoch, index);
    const stage = stageOf({ ...start, step }, stageStarts);
    return { indices, feeds: await task.makeBatch(indices.slice(), epoch, step, stage) };
  });
}

async function incidentOf(task: TrainingTask, position: Position, { indices }: Batch, metrics: Record<string, number>) {
  const { step, epoch } = position;
  const ids = task.idsOf?.(indices) ?? Array.from(indices, String);
  const incident = { step, epoch, metrics, indices: [...indices], ids };
  // The step took the batch's memory with it: the batch is made again, which gives the same numbers.
  const feeds = await task.makeBatch(indices.slice(), epoch, step, stageOf(position, task.stageStarts));
  return dumpIncident(task.run, incident, controlled(feeds, position, task), () => task.engine.snapshot());
}

/** The tensors of a batch with what the loop adds for the moment of the step. */
function controlled(feeds: NamedTensors, position: Position, { schedule, stageStarts }: TrainingTask): NamedTensors {
  const { step } = position;
  const starts = Int32Array.from(stageStarts, (planned) => beganAt(position, planned));
  return new Map([
    ...feeds,
    ['learningRate', scalar('float32', schedule(step))],
    ['step', scalar('int32', step)],
    ['stageStarts', { dtype: 'int32', shape: [starts.length], data: starts }],
  ]);
}

function requireFinite(step: number, scores: Readonly<Record<string, number>>): void {
  const bad = notFinite(scores);
  if (!bad) return;
  const [name, value] = bad;
  throw new DiptychError('DIPTYCH_TRAINING_NOT_FINITE', { step, metric: `val ${name}`, value, ids: [], dump: 'none' });
}

/** Undefined as soon as the signal is aborted; what the promise brings later is not used. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const stop = () => resolve(undefined);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
