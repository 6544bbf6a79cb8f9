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
  const value = `${digits(first)} → ${digits(last)}`;
  if (last < BARELY_FALLEN * first) return [fine('Loss', value, 'It falls.')];
  return [
    {
      name: 'Loss',
      verdict: 'bad',
      value,
      meaning: 'It does not fall: the model learns next to nothing.',
      cure: 'Lower the learning rate or lengthen its warm-up; look at the captions and pictures with `diptych data check`.',
    },
  ];
}

function bestFinding(evaluations: RunLogs['evaluations']): Finding[] {
  const scores = evaluations.map(({ rsum }) => rsum);
  if (scores.length < 3) return [];
  const best = Math.max(...scores);
  const at = evaluations[scores.indexOf(best)];
  const last = scores[scores.length - 1];
  const lost = (best - last) / best;
  if (lost > MUCH_LOST)
    return [
      {
        name: 'Best score',
        verdict: 'watch',
        value: `rSum ${best.toFixed(1)} at step ${at.step}, now ${last.toFixed(1)}`,
        meaning: 'It has fallen since: the model learns its training pictures by heart.',
        cure: 'The best checkpoint is kept and is the one exported. Stop earlier, or use more data, dropout or decay.',
      },
    ];
  const before = Math.max(...scores.slice(0, Math.ceil((2 * scores.length) / 3)));
  if ((best - before) / best > STILL_RISING)
    return [
      {
        name: 'Best score',
        verdict: 'watch',
        value: `rSum ${best.toFixed(1)}, ${(best - before).toFixed(1)} more than a third of the run ago`,
        meaning: 'It is still rising.',
        cure: 'Where the run has ended, go on with `--resume --extend-to`.',
      },
    ];
  return [fine('Best score', `rSum ${best.toFixed(1)} at step ${at.step}`, 'It has settled.')];
}

function gradientFinding(norms: readonly number[]): Finding[] {
  if (norms.length < 4) return [];
  const usual = norms.toSorted((a, b) => a - b)[norms.length >> 1];
  const highest = Math.max(...norms);
  const value = `usually ${digits(usual)}, at most ${digits(highest)}`;
  if (highest <= STEEP * usual) return [fine('Gradient', value, 'It stays within bounds.')];
  return [
    {
      name: 'Gradient',
      verdict: 'watch',
      value,
      meaning: 'Some steps are far steeper than others.',
      cure: 'Clip the gradient, lower the learning rate, or lengthen its warm-up.',
    },
  ];
}

function waitingFinding(shares: readonly number[]): Finding[] {
  if (shares.length === 0) return [];
  const share = mean(shares);
  const value = `${Math.round(100 * share)} % of the time`;
  if (share <= MUCH_WAITING) return [fine('Waiting for data', value, 'The machine is busy with training.')];
  return [
    {
      name: 'Waiting for data',
      verdict: 'bad',
      value,
      meaning: 'The model stands still while pictures or features are read.',
      cure: 'Put them on a faster disk, store features as float16, or use smaller pictures.',
    },
  ];
}

/** What an evaluation tells, beside its numbers. */
export interface Evaluated
  extends Pick<RunLook, 'rsum' | 'chance' | 'imageToText' | 'textToImage' | 'images' | 'captions'> {
  /** Queries whose rank depends on how ties are broken. */
  readonly tied: number;
}

export function findingsOfEvaluation(evaluated: Evaluated): Finding[] {
  const { rsum, chance, imageToText, textToImage, images, captions, tied } = evaluated;
  const findings: Finding[] = [];
  const above = `rSum ${rsum.toFixed(1)}, by chance ${chance.toFixed(1)}`;
  findings.push(
    rsum > NEAR_CHANCE * chance
      ? fine('Above chance', above, 'The model has learnt what belongs together.')
      : {
          name: 'Above chance',
          verdict: 'bad',
          value: above,
          meaning: 'The model ranks hardly better than a die.',
          cure: 'Look at the loss; check that captions belong to their pictures with `diptych data check`.',
        },
  );
  const share = tied / (images + captions);
  const ties = `${tied} of ${images + captions} queries`;
  findings.push(
    share <= MUCH_TIED
      ? fine('Ties', ties, 'Vectors differ from each other.')
      : {
          name: 'Ties',
          verdict: 'bad',
          value: ties,
          meaning: 'Many items have the same score: vectors have collapsed, or pictures or captions repeat.',
          cure: 'Look for repeated pictures with `diptych data check`; raise the temperature or lower the learning rate.',
        },
  );
  const [a, b] = [imageToText.r1, textToImage.r1];
  const apart = Math.abs(a - b) / Math.max(a, b, 1);
  const both = `R@1 ${a.toFixed(1)} image → text, ${b.toFixed(1)} text → image`;
  findings.push(
    apart <= APART
      ? fine('Both directions', both, 'They are about equally good.')
      : {
          name: 'Both directions',
          verdict: 'watch',
          value: both,
          meaning:
            a > b
              ? 'Pictures with several captions are found more easily than single captions find their picture.'
              : 'A few captions stand near everything and crowd out the right ones (hubs).',
          cure: 'Some difference is natural with several captions to a picture. A symmetric loss and larger batches even it out.',
        },
  );
  const { medianRank, meanRank } = textToImage;
  const tail = `median rank ${medianRank}, mean ${meanRank.toFixed(1)}`;
  findings.push(
    meanRank <= LONG_TAIL * medianRank
      ? fine('Lost queries', tail, 'Few queries miss their picture by far.')
      : {
          name: 'Lost queries',
          verdict: 'watch',
          value: tail,
          meaning: 'Most captions find their picture, but some miss it by far.',
          cure: 'Look at the worst misses: often the caption is wrong, or says nothing that can be seen.',
        },
  );
  return findings;
}

export function fine(name: string, value: string, meaning: string): Finding {
  return { name, verdict: 'fine', value, meaning, cure: '' };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
