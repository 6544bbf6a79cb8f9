/** @file The report as Markdown, for a terminal, a pull request or a notebook. */
import { counted } from '../../system/counted.ts';
import type { Interval } from '../bootstrap.ts';
import type { Examples } from '../examples.ts';
import type { JudgementFigures, JudgementResult } from '../judgements.ts';
import type { DirectionMetrics } from '../metrics.ts';
import type { Relation } from '../relation.ts';
import type { EvaluationResult } from '../result.ts';
import { definitions, imageToTextQuestion, textToImageQuestion } from './definitions.ts';
import { facts } from './facts.ts';
import { foldHead, foldRows } from './fold-rows.ts';
import { plain, table } from './markdown-table.ts';
import { count, range, rankText, tenth, thousandth } from './numbers.ts';
import { relevanceNote, relevanceRows } from './relevance-rows.ts';

/** The result table alone, as it is printed after an evaluation. */
export function resultTable(result: EvaluationResult): string {
  const names = ['r1', 'r5', 'r10', 'medianRank', 'meanRank'] as const;
  const cell = (name: (typeof names)[number], metrics: DirectionMetrics, interval: Interval | undefined): string => {
    const print = name === 'medianRank' ? rankText : tenth;
    return interval === undefined ? print(metrics[name]) : `${print(metrics[name])} (${interval.map(print).join('–')})`;
  };
  const row = (title: string, direction: 'imageToText' | 'textToImage'): string[] => [
    title,
    ...names.map((name) => cell(name, result[direction], result.intervals?.[direction][name])),
  ];
  return table([
    ['', 'R@1', 'R@5', 'R@10', 'median rank', 'mean rank'],
    row('image → text', 'imageToText'),
    row('text → image', 'textToImage'),
  ]);
}

/** The whole report. */
export function markdown(
  title: string,
  result: EvaluationResult,
  examples: Examples,
  relation: Relation,
  captions: readonly string[],
): string {
  const { rsum, intervals, chance, ties, folds, judgements, relevance } = result;
  const sections = [
    `# ${plain(title)}`,
    `**rSum ${tenth(rsum)}**${intervals === undefined ? '' : ` (${range(intervals.rsum)})`}; chance ${tenth(chance.rsum)}`,
    resultTable(result),
    `- Image → text: ${imageToTextQuestion(result)}\n- Text → image: ${textToImageQuestion(result)}`,
    definitions(result)
      .map(({ term, text }) => `- **${term}**: ${text}`)
      .join('\n'),
    `Ties decide ${count(ties.imageQueries)} image and ${count(ties.textQueries)} caption queries: rSum ${tenth(ties.pessimistic.rsum)} against the model, ${tenth(ties.optimistic.rsum)} for it.`,
    folds === undefined ? undefined : `## Folds\n\n${table([foldHead, ...foldRows(folds)])}`,
    judgements === undefined ? undefined : judged(judgements),
    relevance && `## Agreement with relevance\n\n${table(relevanceRows(relevance))}\n\n${relevanceNote}`,
    `## Worst misses\n\n${table([
      ['query', 'rank', 'margin', 'ranked first instead'],
      ...examples.worst.map(({ direction, query, rank, margin, retrieved: [first] }) =>
        direction === 'imageToText'
          ? [relation.imageIds[query], count(rank), thousandth(margin), captions[first.item]]
          : [captions[query], count(rank), thousandth(margin), relation.imageIds[first.item]],
      ),
    ])}`,
    `## Protocol\n\n${table([['', ''], ...facts(result)])}`,
  ];
  return `${sections.filter((section) => section !== undefined).join('\n\n')}\n`;
}

function judged({ format, points, ownPairs, withoutOwn, quarantined, ...all }: JudgementResult): string {
  const row = (name: string, { tauB, tauC, pairs }: JudgementFigures): string[] => [
    name,
    thousandth(tauB),
    thousandth(tauC),
    count(pairs),
  ];
  const own = `${counted(ownPairs, 'pair')} of a picture with its own caption`;
  const rows = [row(format === 'expert' ? `expert grades, without ${own}` : `crowd fractions, with ${own}`, all)];
  if (withoutOwn !== undefined) rows.push(row('crowd fractions, without them', withoutOwn));
  const note = `${counted(points, 'point')}; ${counted(quarantined.length, 'line')} set aside.`;
  return `## Agreement with people\n\n${table([['judgements', 'tau-b', 'tau-c', 'pairs'], ...rows])}\n\n${note}`;
}
