/** @file Training the runs of a comparison, one after the other, and going on where an earlier call stopped. */
import { existsSync } from 'node:fs';
import { resolve as absolute } from 'node:path';
import { type comparisonSchema, minutesOf } from '../config/comparison-options.ts';
import { isSwitch } from '../config/form.ts';
import type { ValuesOf } from '../config/option.ts';
import { type Layers, settle, valuesOf } from '../config/resolve.ts';
import type { NamedOption } from '../config/schema.ts';
import { suggest } from '../config/suggest.ts';
import { DiptychError } from '../errors/error.ts';
import { trainingPresets } from '../methods/presets.ts';
import { trainingSchema } from '../methods/schema.ts';
import type { Progress } from '../system/progress.ts';
import { openPlan, type PlannedRun, type PlanState, plannedRuns, settleRun } from '../trained/comparison/plan.ts';
import { recordPath } from '../training/run/record.ts';
import type { TrainingResult } from '../training/task.ts';
import { durationText } from './progress/words.ts';
import { trainAsCalled } from './training/train.ts';

type Asked = ValuesOf<(typeof comparisonSchema)['members']>['comparison'];

export interface Surroundings {
  print(line: string): void;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Called after each run with the folders of all that were begun. */
  onRun(folders: readonly string[]): Promise<void>;
}

export interface TrainedPlan {
  /** Folders of the runs that were begun, in the order of the plan. */
  readonly folders: readonly string[];
  /** Sentences on runs that failed or are not done. */
  readonly remarks: readonly string[];
  /** 0, or that of the signal that stopped it. */
  readonly exit: number;
}

/**
 * Trains every preset with every seed for the same time. What is finished is kept, what was stopped is resumed, what
 * failed is tried again; a run that fails does not stop the others.
 *
 * @throws DIPTYCH_ARGUMENT_MISSING, DIPTYCH_PRESET_UNKNOWN, DIPTYCH_CONFIG_…, DIPTYCH_COMPARE_CHANGED: before any training
 */
export async function trainPlan(asked: Asked, surroundings: Surroundings): Promise<TrainedPlan> {
  const { report, data } = asked;
  for (const [argument, value] of Object.entries({ '--report': report, '--data': data })) {
    if (value === null) throw new DiptychError('DIPTYCH_ARGUMENT_MISSING', { verb: 'diptych compare', argument });
  }
  const shared = sharedOptions(asked);
  const words = shared.flatMap(({ words }) => words);
  const planned = plannedRuns(absolute(report!), asked.presets, asked.seeds, words);
  const settled = planned.map((run) => settledFor(run, shared));
  let state = await openPlan(report!, planned);
  let exit = 0;
  for (const [i, run] of planned.entries()) {
    if (state.runs[i].ended !== null) continue;
    surroundings.print(`\nrun ${i + 1} of ${planned.length}: diptych ${run.command.join(' ')}\n`);
    const outcome = await trainOne(run, settled[i], surroundings);
    if (typeof outcome === 'string') surroundings.print(`failed: ${outcome}`);
    else surroundings.print(`${outcome.ended}: ${outcome.steps} steps in ${durationText(outcome.seconds)}`);
    const [ended, failure] =
      typeof outcome === 'string' ? [null, outcome] : [outcome.ended === 'interrupted' ? null : outcome.ended, null];
    state = await settleRun(report!, state, { ...state.runs[i], ended, failure });
    await surroundings.onRun(begun(planned));
    if (typeof outcome !== 'string' && outcome.ended === 'interrupted') exit = outcome.exit;
    if (surroundings.signal.aborted) break;
  }
  return { folders: begun(planned), remarks: remarksOn(planned, state), exit };
}

function begun(planned: readonly PlannedRun[]): string[] {
  return planned.flatMap(({ folder }) => (existsSync(recordPath(folder)) ? [folder] : []));
}

/** The result, or what the run failed with. */
async function trainOne(
  run: PlannedRun,
  layers: Layers<typeof trainingSchema.members>,
  { print, progress, signal }: Surroundings,
): Promise<TrainingResult | string> {
  try {
    const resume = existsSync(recordPath(run.folder));
    const settled = settle(trainingSchema, { ...layers, flags: { ...layers.flags, 'run.resume': resume } });
    const values = valuesOf(trainingSchema, settled.settings);
    return await trainAsCalled({ values, preset: settled.preset, command: run.command, print, progress, signal });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** An option that every run has, as it stands in the command and in its layer. */
interface Shared {
  readonly name: string;
  readonly value: string | boolean;
  readonly words: readonly string[];
}

function sharedOptions({ data, features, budget, with: further }: Asked): Shared[] {
  const given: [string, string | null][] = [
    ['data', data === null ? null : absolute(data)],
    ['features', features === null ? null : absolute(features)],
    ['minutes', budget === null ? null : String(minutesOf(budget))],
    ...further.map((text): [string, string] => {
      const [name, ...value] = text.split('=');
      return [name.trim(), value.join('=')];
    }),
  ];
  return given.flatMap(([name, value]) => (value === null ? [] : [sharedOption(name, value)]));
}

/** @throws DIPTYCH_CONFIG_KEY */
function sharedOption(written: string, value: string): Shared {
  const flag = written.replace(/^--/, '');
  const named = optionNamed(flag);
  const shown = `--${named.short ?? named.flag}`;
  if (!isSwitch(named.option.type)) return { name: named.name, value, words: [shown, value] };
  const on = value !== 'false';
  return { name: named.name, value: on, words: [on ? shown : shown.replace('--', '--no-')] };
}

/** By its short flag, its long flag or its dotted name. */
function optionNamed(name: string): NamedOption {
  const found = trainingSchema.options.find((one) => [one.short, one.flag, one.name].includes(name));
  if (found) return found;
  const known = trainingSchema.options.map(({ short, flag }) => short ?? flag);
  throw new DiptychError('DIPTYCH_CONFIG_KEY', { place: '--with', key: name, suggestions: suggest(name, known) });
}

/** The layers of a run. @throws DIPTYCH_PRESET_UNKNOWN, DIPTYCH_CONFIG_VALUE */
function settledFor(run: PlannedRun, shared: readonly Shared[]): Layers<typeof trainingSchema.members> {
  const flags = {
    ...Object.fromEntries(shared.map(({ name, value }) => [name, value])),
    'training.seed': String(run.seed),
    'run.directory': run.folder,
  };
  const layers = { presets: trainingPresets, preset: run.preset, flags };
  valuesOf(trainingSchema, settle(trainingSchema, layers).settings);
  return layers;
}

function remarksOn(planned: readonly PlannedRun[], { runs }: PlanState): string[] {
  const open = planned.flatMap((run, i) => {
    const { ended, failure } = runs[i];
    const name = `${run.preset}, seed ${run.seed}`;
    if (ended !== null) return [];
    return [failure === null ? `Not done yet: ${name}.` : `Failed: ${name}: ${failure}`];
  });
  return open.length === 0 ? [] : [...open, 'The same command goes on with these.'];
}
