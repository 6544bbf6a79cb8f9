/** @file Which queries to look at: the surest hits and the worst misses, with what the model ranked first. */
import type { TieRule } from './metrics.ts';
import type { DirectionRanks, Ranks } from './ranks.ts';
import type { Relation } from './relation.ts';
import type { ScoreSource } from './scores.ts';

/** An item of the gallery, as the model ranked it. */
export interface Retrieved {
  /** Caption index for image queries, image index for caption queries. */
  readonly item: number;
  readonly score: number;
  /** Whether it belongs to the query. */
  readonly own: boolean;
}

/** A query with the head of its ranking. */
export interface Example {
  readonly direction: 'imageToText' | 'textToImage';
  /** Image index or caption index. */
  readonly query: number;
  /** Image that the query is, or belongs to. */
  readonly image: number;
  /** From 1. */
  readonly rank: number;
  /** Score of the truth, and how far it lies above the best wrong item (negative in a miss). */
  readonly score: number;
  readonly margin: number;
  /** The best of the gallery, best first. */
  readonly retrieved: readonly Retrieved[];
}

/** Queries of both directions. */
export interface Examples {
  readonly best: readonly Example[];
  readonly worst: readonly Example[];
}

export interface ExampleOptions {
  /** Queries of each kind and direction, 4 unless given. */
  readonly count?: number;
  /** Retrieved items shown with each, 5 unless given. */
  readonly top?: number;
}

/**
 * The best queries (truth first, largest margin over the best wrong item) and the worst (largest rank), an image at
 * most once a list.
 */
export async function pickExamples(
  source: ScoreSource,
  relation: Relation,
  folds: readonly Ranks[],
  rule: TieRule,
  options: ExampleOptions = {},
): Promise<Examples> {
  const { count = 4, top = 5 } = options;
  const examples = { best: [] as Example[], worst: [] as Example[] };
  for (const direction of ['imageToText', 'textToImage'] as const) {
    const candidates = folds.flatMap((ranks) => candidatesOf(ranks, direction, rule));
    const byMargin = (a: Candidate, b: Candidate): number => b.margin - a.margin;
    const best = candidates.filter(({ rank }) => rank === 1).sort(byMargin);
    const worst = candidates.filter(({ rank }) => rank > 1).sort((a, b) => b.rank - a.rank || -byMargin(a, b));
    for (const [list, chosen] of [
      [examples.best, best],
      [examples.worst, worst],
    ] as const) {
      for (const { ranks, ...candidate } of onePerImage(chosen, count)) {
        const retrieved = await retrieve(source, relation, ranks, candidate, top);
        list.push({ ...candidate, retrieved });
      }
    }
  }
  return examples;
}

interface Candidate extends Omit<Example, 'retrieved'> {
  /** The gallery it was ranked in. */
  readonly ranks: Ranks;
}

function candidatesOf(ranks: Ranks, direction: Example['direction'], rule: TieRule): Candidate[] {
  const side: DirectionRanks = ranks[direction];
  return Array.from(side.queries, (query, position) => ({
    direction,
    query,
    image: side.images[position],
    rank: side[rule][position] + 1,
    score: side.truth[position],
    margin: side.truth[position] - side.rival[position],
    ranks,
  }));
}

function onePerImage(candidates: readonly Candidate[], count: number): Candidate[] {
  const chosen = new Map<number, Candidate>();
  for (const candidate of candidates) {
    if (chosen.size === count) break;
    if (!chosen.has(candidate.image)) chosen.set(candidate.image, candidate);
  }
  return [...chosen.values()];
}

async function retrieve(
  source: ScoreSource,
  relation: Relation,
  ranks: Ranks,
  { direction, query, image }: Omit<Example, 'retrieved'>,
  top: number,
): Promise<Retrieved[]> {
  const captions = ranks.textToImage.queries; // every caption of the gallery asks, so these are all of them
  const gallery = direction === 'imageToText' ? captions : ranks.gallery;
  const scores = new Float32Array(gallery.length);
  const one = Int32Array.of(query);
  await (direction === 'imageToText' ? source.block(one, captions, scores) : source.block(ranks.gallery, one, scores));
  const owner = (item: number): number => (direction === 'imageToText' ? relation.imageOf[item] : item);
  return Array.from(gallery, (item, position) => ({ item, score: scores[position], own: owner(item) === image }))
    .sort((a, b) => b.score - a.score)
    .slice(0, top);
}
