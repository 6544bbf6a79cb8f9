/** @file Size augmentation of captions: words hidden, replaced or deleted while training (HREM, VSE-infinity). */
import { Random } from '../../random/random.ts';
import type { TokenizedText, Tokenizer } from './tokenizer.ts';

/** How words are corrupted. The last three are shares of the corrupted words; they are read relative to their sum. */
export interface WordCorruption {
  /** Chance of each word to be corrupted. 0 turns it off; above about 0.4 little of a caption is left. */
  readonly probability: number;
  /** Hidden: each piece becomes the mask, or `<unk>` where the tokenizer has no mask. */
  readonly mask: number;
  /** Replaced: each piece becomes a uniformly drawn ordinary id. */
  readonly random: number;
  /** Deleted with all its pieces. */
  readonly remove: number;
}

/** Corrupts one caption at a step of training. */
export type WordCorrupter = (caption: TokenizedText, step: number, position: number) => Int32Array;

type Fate = 'kept' | 'masked' | 'replaced' | 'removed';

/**
 * A corrupter of captions. All pieces of a word share its fate; marks are never touched (the papers' BiGRU code may hit
 * them); a caption always keeps a word. The result is a function of (seed, step, position) and the caption alone.
 *
 * @param tokenizer the one that encoded the captions
 * @returns `(caption, step, position)` to ids, where `position` is the caption's place in the epoch
 */
export function wordCorrupter(tokenizer: Tokenizer, corruption: WordCorruption, seed: number): WordCorrupter {
  const maskId = tokenizer.maskId ?? tokenizer.unknownId ?? tokenizer.padId;
  return ({ ids, words }, step, position) => {
    const random = new Random(seed, 'words', step, position);
    const fates = drawFates(words.reduce((most, word) => Math.max(most, word), -1) + 1, corruption, random);
    const corrupted: number[] = [];
    for (let i = 0; i < ids.length; i++) {
      const fate = words[i] < 0 ? 'kept' : fates[words[i]];
      if (fate === 'kept') corrupted.push(ids[i]);
      else if (fate === 'masked') corrupted.push(maskId);
      else if (fate === 'replaced') corrupted.push(ordinaryId(tokenizer, random));
    }
    return Int32Array.from(corrupted);
  };
}

function drawFates(
  words: number,
  { probability, mask, random: replace, remove }: WordCorruption,
  random: Random,
): Fate[] {
  const fates: Fate[] = Array.from({ length: words }, (): Fate => {
    if (random.uniform() >= probability) return 'kept';
    const share = random.uniform() * (mask + replace + remove);
    if (share < mask) return 'masked';
    return share < mask + replace ? 'replaced' : 'removed';
  });
  if (words > 0 && !fates.some((fate) => fate !== 'removed')) fates[random.integer(words)] = 'kept';
  return fates;
}

/** Uniform over the ids that are no special ids: draws among so many and steps over the special ones. */
function ordinaryId({ size, specialIds }: Tokenizer, random: Random): number {
  let id = random.integer(size - specialIds.length);
  for (const special of specialIds) if (id >= special) id++;
  return id;
}
