/** @file Agreement with degrees of relevance as rows of a table. */
import type { RelevanceAgreement } from '../graded.ts';
import { count, thousandth } from './numbers.ts';

/** A head, then a row for each measure. */
export function relevanceRows({ imageToText, textToImage }: RelevanceAgreement): string[][] {
  const both = (name: string, a: number | null, b: number | null): string[] => [name, thousandth(a), thousandth(b)];
  const atEachK = (name: string, measure: 'tauAt' | 'ncsAt'): string[][] => {
    const ks = Object.keys({ ...imageToText[measure], ...textToImage[measure] });
    return ks.map((k) => both(`${name}@${k}`, imageToText[measure][k] ?? null, textToImage[measure][k] ?? null));
  };
  return [
    ['Measure', 'i→t', 't→i'],
    both('tau-b', imageToText.tau, textToImage.tau),
    ...atEachK('Tau', 'tauAt'),
    ...atEachK('NCS', 'ncsAt'),
    ['anchors', count(imageToText.anchors), count(textToImage.anchors)],
  ];
}

/** What the rows mean. */
export const relevanceNote =
  'tau-b: whether all candidates of a query stand in the order of their relevance; Tau@K: whether the K best do; NCS@K: the ' +
  'relevance of the K best without the ground truth, as a share of the most there is.';
