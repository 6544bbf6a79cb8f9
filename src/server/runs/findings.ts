/** @file What is wrong with a run, or right, as far as its logs and its evaluation tell: each with its meaning and a cure. */
import { type RunLogs, readLogs } from '../../trained/comparison/logs.ts';
import type { Finding, RunLook } from './schema.ts';

/** Shares and factors from which something is worth a word. */
const MUCH_WAITING = 0.3;
const MUCH_LOST = 0.02;
const STILL_RISING = 0.01;
const STEEP = 20;
const BARELY_FALLEN = 0.98;
const NEAR_CHANCE = 2;
const MUCH_TIED = 0.01;
const APART = 0.3;
const LONG_TAIL = 10;

/** What the logs of a run tell. */
export async function logFindings(run: string): Promise<Finding[]> {
  return findingsOfLogs(await readLogs(run));
}

export function findingsOfLogs({ training, evaluations, timings }: RunLogs): Finding[] {
  const numbers = (moments: readonly Readonly<Record<string, unknown>>[], name: string): number[] =>
    moments.flatMap((moment) => (typeof moment[name] === 'number' ? [moment[name]] : []));
  return [
    ...lossFinding(numbers(training, 'loss')),
    ...bestFinding(evaluations),
    ...gradientFinding(numbers(training, 'gradientNorm')),
    ...waitingFinding(numbers(timings, 'waiting')),
  ];
}

function lossFinding(losses: readonly number[]): Finding[] {
  if (losses.length < 4) return [];
  const quarter = Math.max(1, losses.length >> 2);
  const [first, last] = [mean(losses.slice(0, quarter)), mean(losses.slice(-quarter))];
  const loss = judge('Loss', `${digits(first)} → ${digits(last)}`);
  if (last < BARELY_FALLEN * first) return [loss.fine('It falls.')];
  return [
    loss.bad(
      'It does not fall: the model learns next to nothing.',
      'Lower the learning rate or lengthen its warm-up; look at the captions and pictures with `diptych data check`.',
    ),
  ];
}

function bestFinding(evaluations: RunLogs['evaluations']): Finding[] {
  const scores = evaluations.map(({ rsum }) => rsum);
  if (scores.length < 3) return [];
  const best = Math.max(...scores);
  const at = evaluations[scores.indexOf(best)];
  const last = scores[scores.length - 1];
  const score = (value: string) => judge('Best score', `rSum ${best.toFixed(1)}${value}`);
  if ((best - last) / best > MUCH_LOST)
    return [
      score(` at step ${at.step}, now ${last.toFixed(1)}`).watch(
        'It has fallen since: the model learns its training pictures by heart.',
        'The best checkpoint is kept and is the one exported. Stop earlier, or use more data, dropout or decay.',
      ),
    ];
  const before = Math.max(...scores.slice(0, Math.ceil((2 * scores.length) / 3)));
  if ((best - before) / best > STILL_RISING)
    return [
      score(`, ${(best - before).toFixed(1)} more than a third of the run ago`).watch(
        'It is still rising.',
        'Where the run has ended, go on with `--resume --extend-to`.',
      ),
    ];
  return [score(` at step ${at.step}`).fine('It has settled.')];
}

function gradientFinding(norms: readonly number[]): Finding[] {
  if (norms.length < 4) return [];
  const usual = norms.toSorted((a, b) => a - b)[norms.length >> 1];
  const highest = Math.max(...norms);
  const gradient = judge('Gradient', `usually ${digits(usual)}, at most ${digits(highest)}`);
  if (highest <= STEEP * usual) return [gradient.fine('It stays within bounds.')];
  return [
    gradient.watch(
      'Some steps are far steeper than others.',
      'Clip the gradient, lower the learning rate, or lengthen its warm-up.',
    ),
  ];
}

function waitingFinding(shares: readonly number[]): Finding[] {
  if (shares.length === 0) return [];
  const share = mean(shares);
  const waiting = judge('Waiting for data', `${Math.round(100 * share)} % of the time`);
  if (share <= MUCH_WAITING) return [waiting.fine('The machine is busy with training.')];
  return [
    waiting.bad(
      'The model stands still while pictures or features are read.',
      'Put them on a faster disk, store features as float16, or use smaller pictures.',
    ),
  ];
}

/** What an evaluation tells, beside its numbers. */
export interface Evaluated
  extends Pick<RunLook, 'rsum' | 'chance' | 'imageToText' | 'textToImage' | 'images' | 'captions'> {
  /** Queries whose rank depends on how ties are broken. */
  readonly tied: number;
}

export function findingsOfEvaluation(evaluated: Evaluated): Finding[] {
  return [chanceFinding, tieFinding, directionFinding, tailFinding].map((find) => find(evaluated));
}

function chanceFinding({ rsum, chance }: Evaluated): Finding {
  const above = judge('Above chance', `rSum ${rsum.toFixed(1)}, by chance ${chance.toFixed(1)}`);
  if (rsum > NEAR_CHANCE * chance) return above.fine('The model has learnt what belongs together.');
  return above.bad(
    'The model ranks hardly better than a die.',
    'Look at the loss; check that captions belong to their pictures with `diptych data check`.',
  );
}

function tieFinding({ images, captions, tied }: Evaluated): Finding {
  const queries = images + captions;
  const ties = judge('Ties', `${tied} of ${queries} queries`);
  if (tied / queries <= MUCH_TIED) return ties.fine('Vectors differ from each other.');
  return ties.bad(
    'Many items have the same score: vectors have collapsed, or pictures or captions repeat.',
    'Look for repeated pictures with `diptych data check`; raise the temperature or lower the learning rate.',
  );
}

function directionFinding({ imageToText: { r1: a }, textToImage: { r1: b } }: Evaluated): Finding {
  const both = judge('Both directions', `R@1 ${a.toFixed(1)} image → text, ${b.toFixed(1)} text → image`);
  if (Math.abs(a - b) / Math.max(a, b, 1) <= APART) return both.fine('They are about equally good.');
  return both.watch(
    a > b
      ? 'Pictures with several captions are found more easily than single captions find their picture.'
      : 'A few captions stand near everything and crowd out the right ones (hubs).',
    'Some difference is natural with several captions to a picture. A symmetric loss and larger batches even it out.',
  );
}

function tailFinding({ textToImage: { medianRank, meanRank } }: Evaluated): Finding {
  const lost = judge('Lost queries', `median rank ${medianRank}, mean ${meanRank.toFixed(1)}`);
  if (meanRank <= LONG_TAIL * medianRank) return lost.fine('Few queries miss their picture by far.');
  return lost.watch(
    'Most captions find their picture, but some miss it by far.',
    'Look at the worst misses: often the caption is wrong, or says nothing that can be seen.',
  );
}

/** The findings that one value may be. What is fine needs no cure. */
export function judge(name: string, value: string) {
  const finding =
    (verdict: Finding['verdict']) =>
    (meaning: string, cure: string): Finding => ({ name, verdict, value, meaning, cure });
  return { fine: (meaning: string) => finding('fine')(meaning, ''), watch: finding('watch'), bad: finding('bad') };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
