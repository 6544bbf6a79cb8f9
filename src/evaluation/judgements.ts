/** @file Agreement of scores with human judgements of relevance: the two judgement files of Flickr8k. */
import { readFile } from 'node:fs/promises';
import type { Quarantined } from '../data/dataset.ts';
import { DiptychError } from '../errors/error.ts';
import { unreadable } from '../files/failures.ts';
import { kendall } from './correlation.ts';

/** `expert`: three grades of 1 to 4 for each pair. `crowd`: the fraction of people who said that it describes it. */
export type JudgementFormat = 'expert' | 'crowd';

/** One judged pair, as the file names it. */
export interface Judgement {
  readonly line: number;
  readonly image: string;
  readonly caption: string;
  /** Three grades (expert), or the one fraction of yes (crowd). */
  readonly grades: readonly number[];
}

export interface JudgementFile {
  readonly format: JudgementFormat;
  readonly judgements: readonly Judgement[];
  readonly quarantined: readonly Quarantined[];
}

/** Kendall's correlations with judgements; null where not defined (all scores equal, say). */
export interface JudgementFigures {
  readonly tauB: number | null;
  readonly tauC: number | null;
  /** Pairs of a picture and a caption that were used. */
  readonly pairs: number;
}

export interface JudgementResult extends JudgementFigures {
  readonly format: JudgementFormat;
  /** The statistic that is conventional for the format: tau-c for expert, tau-b for crowd. */
  readonly statistic: 'tauB' | 'tauC';
  /** Points of the correlation: three for each pair of the expert file, one of the crowd file. */
  readonly points: number;
  /** Pairs of a picture with one of its own captions: left out (expert) or kept (crowd), as is conventional. */
  readonly ownPairs: number;
  /** The crowd file again without a picture's own captions. */
  readonly withoutOwn?: JudgementFigures;
  /** Malformed lines, repeated pairs, and pairs without a score. */
  readonly quarantined: readonly Quarantined[];
}

/** The score of a pair by the names of the judgement file; undefined if it is not in what was evaluated. */
export type ScoreOfPair = (image: string, caption: string) => number | undefined;

/**
 * Kendall's tau between scores and the judgements of a file. Each of the three experts' grades is a point of its own
 * with the score of its pair.
 *
 * @param path a judgement file of either format
 * @throws DIPTYCH_EVALUATION_JUDGEMENTS_FORMAT, or an error of reading, as `readJudgements`
 * @throws DIPTYCH_EVALUATION_JUDGEMENTS_UNMATCHED if no pair has a score
 */
export async function evaluateJudgements(path: string, scoreOf: ScoreOfPair): Promise<JudgementResult> {
  const { format, judgements, quarantined } = await readJudgements(path);
  const unscored: Quarantined[] = [];
  const scored: ScoredJudgement[] = [];
  for (const judgement of judgements) {
    const { image, caption, line } = judgement;
    const score = scoreOf(image, caption);
    if (score !== undefined) scored.push({ ...judgement, score });
    else unscored.push({ file: path, line, id: `${image} ${caption}`, reason: 'not among the evaluated pairs' });
  }
  if (scored.length === 0) {
    throw new DiptychError('DIPTYCH_EVALUATION_JUDGEMENTS_UNMATCHED', { path, pairs: judgements.length });
  }
  const foreign = scored.filter((judgement) => !isOwn(judgement));
  const used = format === 'expert' ? foreign : scored;
  return {
    format,
    statistic: format === 'expert' ? 'tauC' : 'tauB',
    ...figures(used),
    points: used.reduce((points, judgement) => points + judgement.grades.length, 0),
    ownPairs: scored.length - foreign.length,
    ...(format === 'crowd' ? { withoutOwn: figures(foreign) } : {}),
    quarantined: [...quarantined, ...unscored],
  };
}

/**
 * Reads a judgement file. Its format is told by its columns; lines that are not judgements of that format are
 * quarantined, and so are pairs that occurred before.
 *
 * @throws DIPTYCH_EVALUATION_JUDGEMENTS_FORMAT if no line is a judgement
 * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE
 */
export async function readJudgements(path: string): Promise<JudgementFile> {
  const bytes = await readFile(path).catch((cause) => {
    throw unreadable(path, cause);
  });
  const text = new TextDecoder().decode(bytes);
  const lines = text.split(/\r?\n/).map((line, position) => ({ line: position + 1, columns: line.split('\t') }));
  const filled = lines.filter(({ columns }) => columns.length > 1 || columns[0].trim() !== '');
  const parsed = filled.map(({ line, columns }) => ({ line, columns, format: formatOf(columns) }));
  const count = (format: JudgementFormat): number => parsed.filter((row) => row.format === format).length;
  const format: JudgementFormat = count('crowd') > count('expert') ? 'crowd' : 'expert';
  if (count(format) === 0) {
    throw new DiptychError('DIPTYCH_EVALUATION_JUDGEMENTS_FORMAT', { path, lines: filled.length });
  }
  const judgements: Judgement[] = [];
  const quarantined: Quarantined[] = [];
  const seen = new Set<string>();
  for (const row of parsed) {
    const [image, caption] = row.columns;
    const reason = row.format !== format ? `not a line of the ${format} format` : undefined;
    const pair = `${image}\t${caption}`;
    const problem = reason ?? (seen.has(pair) ? 'this pair was judged on an earlier line' : undefined);
    if (problem !== undefined) {
      quarantined.push({ file: path, line: row.line, id: row.columns.slice(0, 2).join(' '), reason: problem });
      continue;
    }
    seen.add(pair);
    const grades = row.columns.slice(2, format === 'expert' ? 5 : 3).map(Number);
    judgements.push({ line: row.line, image, caption, grades });
  }
  return { format, judgements, quarantined };
}

/** A judgement with the model's score of its pair. */
interface ScoredJudgement extends Judgement {
  readonly score: number;
}

/**
 * The format of a line, by its columns. No line is of both: grades are 1 to 4, and of a fraction with its yes and no
 * counts one is always 0 or not whole.
 */
function formatOf(columns: readonly string[]): JudgementFormat | undefined {
  const [image, caption, ...rest] = columns;
  if (rest.length !== 3 || image === '' || caption === '' || columns.some((text) => text.includes('\uFFFD'))) {
    return undefined;
  }
  if (rest.every((grade) => /^[1-4]$/.test(grade))) return 'expert';
  if (!/^\d+(\.\d+)?$/.test(rest[0]) || !rest.slice(1).every((count) => /^\d+$/.test(count))) return undefined;
  const [fraction, yes, no] = rest.map(Number);
  // Fractions are printed with as few as two decimals.
  return yes + no > 0 && Math.abs(fraction - yes / (yes + no)) < 0.006 ? 'crowd' : undefined;
}

/** Caption ids are `image#position`. */
function isOwn({ image, caption }: Judgement): boolean {
  return caption.slice(0, caption.lastIndexOf('#')) === image;
}

function figures(judgements: readonly ScoredJudgement[]): JudgementFigures {
  const scores = judgements.flatMap(({ score, grades }) => grades.map(() => score));
  const { tauB, tauC } = kendall(
    scores,
    judgements.flatMap(({ grades }) => grades),
  );
  return { tauB, tauC, pairs: judgements.length };
}
