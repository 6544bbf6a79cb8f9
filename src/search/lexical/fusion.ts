/** @file Several rankings made one. */

/** An item of fused rankings. */
export interface Fused {
  readonly id: string;
  readonly score: number;
  /** Its rank in each list, from 1; undefined in those that do not have it. */
  readonly ranks: readonly (number | undefined)[];
}

/**
 * Reciprocal rank fusion: score(d) = sum over lists that have d of 1 / (k + rank of d). Only ranks count, so that scores
 * of different kinds need no common scale. Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion outperforms Condorcet
 * and individual Rank Learning Methods" (SIGIR 2009), where k = 60.
 *
 * @param lists ids, best first, each at most once in a list
 * @param k how little the first ranks count more than later ones
 * @returns highest score first; of equal ones the one with the better best rank, then the lower id
 */
export function reciprocalRankFusion(lists: readonly (readonly string[])[], k = 60): Fused[] {
  const ranks = new Map<string, (number | undefined)[]>();
  lists.forEach((list, l) => {
    list.forEach((id, i) => {
      const own = ranks.get(id) ?? Array<number | undefined>(lists.length).fill(undefined);
      own[l] = i + 1;
      ranks.set(id, own);
    });
  });
  const fused = [...ranks].map(([id, own]) => {
    const there = own.filter((rank) => rank !== undefined);
    return { id, ranks: own, score: there.reduce((sum, rank) => sum + 1 / (k + rank), 0), first: Math.min(...there) };
  });
  fused.sort((a, b) => b.score - a.score || a.first - b.first || (a.id < b.id ? -1 : 1));
  return fused.map(({ first: _, ...item }) => item);
}
