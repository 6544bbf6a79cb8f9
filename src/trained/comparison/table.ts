/** @file The table of a comparison, as rows of text for Markdown and the page. */
import { count, tenth } from '../../evaluation/report/numbers.ts';
import { letterOf } from './compare.ts';
import type { RecallSpreads, RunGroup, Spread } from './groups.ts';
import type { ComparedRun, Recalls } from './run.ts';

export const head: readonly string[] = [
  '',
  'run',
  'preset',
  'val rSum',
  'i→t R@1',
  'R@5',
  'R@10',
  't→i R@1',
  'R@5',
  'R@10',
  'best epoch',
  'epochs',
  'time to best',
  'time',
  'pairs/s',
  'parameters',
  'test rSum',
];

/** One row a run; a dash where nothing is known yet. */
export function rowOf(run: ComparedRun, position: number): string[] {
  const { best } = run;
  const recalls = (of: Recalls | undefined): string[] =>
    of === undefined ? ['–', '–', '–'] : [of.r1, of.r5, of.r10].map(tenth);
  return [
    letterOf(position),
    run.name,
    run.preset ?? '–',
    best === null ? '–' : tenth(best.rsum),
    ...recalls(best?.imageToText),
    ...recalls(best?.textToImage),
    best === null ? '–' : count(best.epoch + 1),
    tenth(run.epochs),
    best === null ? '–' : durationText(run.secondsToBest),
    durationText(run.seconds),
    run.pairsPerSecond === null ? '–' : count(Math.round(run.pairsPerSecond)),
    millions(run.parameters),
    run.testRsum === null ? '–' : tenth(run.testRsum),
  ];
}

export const groupHead: readonly string[] = [
  'recipe',
  'runs',
  'val rSum',
  'gain',
  'i→t R@1',
  'R@5',
  'R@10',
  't→i R@1',
  'R@5',
  'R@10',
  'time to best',
  'time',
];

/** One row a recipe: mean and standard deviation over its runs, and what it gains on the first. */
export function groupRowOf({ name, positions, reached, gain }: RunGroup): string[] {
  const unknown = groupHead.slice(2).map(() => '–');
  if (reached === null) return [name, `0 of ${positions.length}`, ...unknown];
  const { runs, rsum, imageToText, textToImage, secondsToBest, seconds } = reached;
  const recalls = ({ r1, r5, r10 }: RecallSpreads): string[] => [r1, r5, r10].map(spreadText);
  return [
    name,
    runs === positions.length ? count(runs) : `${runs} of ${positions.length}`,
    spreadText(rsum),
    gain === null ? '–' : `${gain < 0 ? '−' : '+'}${tenth(Math.abs(gain))}`,
    ...recalls(imageToText),
    ...recalls(textToImage),
    durationText(secondsToBest.mean),
    durationText(seconds.mean),
  ];
}

/** `262.9 ± 1.2`; the mean alone where there is nothing to spread. */
export function spreadText({ mean, deviation }: Spread): string {
  return deviation === null ? tenth(mean) : `${tenth(mean)} ± ${tenth(deviation)}`;
}

/** `45 s`, `12 min`, `3.4 h`. */
export function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${tenth(seconds / 3600)} h`;
}

function millions(parameters: number): string {
  return parameters < 1e5 ? count(parameters) : `${tenth(parameters / 1e6)} M`;
}
