/** @file From a line of words to weighted parts and back: `a dog + beach - snow^0.5`. */

/** Words, and how much they count; below 0: less like this. */
export interface WordPart {
  readonly text: string;
  readonly weight: number;
}

export const LEAST = 0.1;
export const MOST = 3;

/**
 * Parts stand between ` + ` and ` - ` with spaces on both sides, so that hyphens within words stay; a minus may also open the
 * line. `^0.5` behind a part is its weight. Parts without words are left out.
 */
export function parseWords(line: string): WordPart[] {
  const pieces = ` ${line.trim()} `.split(/(?<=\s)([+\-−–])(?=\s)/u);
  const parts: WordPart[] = [];
  let sign = 1;
  for (const piece of pieces) {
    if (/^[+\-−–]$/u.test(piece)) {
      sign = piece === '+' ? 1 : -1;
      continue;
    }
    const part = weighted(piece.trim(), sign);
    sign = 1;
    if (part !== undefined) parts.push(part);
  }
  return parts;
}

function weighted(piece: string, sign: number): WordPart | undefined {
  const [, words, given] = /^(.*?)(?:\s*\^(\d+(?:\.\d+)?))?$/su.exec(piece)!;
  const text = words.trim();
  if (text === '') return undefined;
  return { text, weight: sign * clampWeight(Number(given ?? 1)) };
}

/** A weight that can be shown and used: from 0.1 to 3, in hundredths. */
export function clampWeight(size: number): number {
  return Math.min(MOST, Math.max(LEAST, Math.round(size * 100) / 100 || LEAST));
}

/** Parts as a line that reads back as the same parts. */
export function printWords(parts: readonly WordPart[]): string {
  return parts
    .map(({ text, weight }, i) => {
      const sign = weight < 0 ? '- ' : i > 0 ? '+ ' : '';
      const size = Math.abs(weight);
      return `${sign}${text}${size === 1 ? '' : `^${size}`}`;
    })
    .join(' ');
}
