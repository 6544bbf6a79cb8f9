/** @file What each number means, in words, with the sizes of this evaluation: printed beside the numbers. */
import { counted } from '../../system/counted.ts';
import type { EvaluationResult, FoldResult } from '../result.ts';
import { count, tenth } from './numbers.ts';

export interface Definition {
  readonly term: string;
  readonly text: string;
}

/** Sizes of a gallery: of the split, or of one fold. */
function gallery({ images, captions, folds }: EvaluationResult): { images: string; captions: string } {
  if (folds === undefined) return { images: count(images), captions: count(captions) };
  const sizes = (read: (fold: FoldResult) => number): string => {
    const [low, high] = [Math.min(...folds.map(read)), Math.max(...folds.map(read))];
    return low === high ? count(low) : `${count(low)}–${count(high)}`;
  };
  return { images: sizes((fold) => fold.images), captions: sizes((fold) => fold.captions) };
}

/** What image → text asks. */
export function imageToTextQuestion(result: EvaluationResult): string {
  return `A picture asks; the gallery is ${gallery(result).captions} captions. Its rank is that of the best of its own captions: one of them high enough is a hit.`;
}

/** What text → image asks. */
export function textToImageQuestion(result: EvaluationResult): string {
  return `A caption asks; the gallery is ${gallery(result).images} pictures. Its rank is that of the picture it belongs to.`;
}

/** Definitions of everything that the report of a result prints. */
export function definitions(result: EvaluationResult): Definition[] {
  const { intervals, folds, judgements, ties } = result;
  const list: Definition[] = [
    { term: 'R@K', text: 'Recall at K: the percentage of queries whose rank is K or better.' },
    { term: 'Median rank', text: 'The median of the ranks, rounded down to a whole rank; 1 is the best there is.' },
    { term: 'Mean rank', text: 'The mean of the ranks; a few lost queries weigh heavily.' },
    { term: 'rSum', text: 'The sum of the six recalls, 600 at most.' },
    {
      term: 'Ties',
      text:
        ties.rule === 'pessimistic'
          ? 'Decided against the model: a wrong item with the score of the truth stands above it.'
          : 'Decided for the model: only a wrong item with a higher score stands above the truth.',
    },
    {
      term: 'Chance',
      text: `What random scores reach on average here: rSum ${tenth(result.chance.rsum)}.`,
    },
  ];
  if (intervals !== undefined) {
    list.push({
      term: 'Intervals',
      text: `${count(100 * intervals.level)} % percentile intervals of ${counted(intervals.resamples, 'bootstrap resample')} of the pictures, each with its captions; the gallery stays (seed ${intervals.seed}).`,
    });
  }
  if (folds !== undefined) {
    list.push({
      term: 'Folds',
      text: `The split is cut into ${counted(folds.length, 'contiguous fold')} in file order, each a gallery of its own; every number is the mean over them.`,
    });
  }
  if (judgements !== undefined) {
    list.push({
      term: 'Kendall’s tau',
      text: 'How far scores and human judgements order pairs of points alike: 1 always, 0 no more than chance, −1 never. tau-b and tau-c treat ties differently; a constant score has none.',
    });
  }
  return list;
}
