/** @file The text side of batches: token ids as packed rows. */
import { type WordCorrupter, type WordCorruption, wordCorrupter } from '../../data/tokens/augment.ts';
import type { TokenizedText, Tokenizer } from '../../data/tokens/tokenizer.ts';
import { layoutFeeds, layoutOf, packRows, type RowOrder } from '../../nn/layout.ts';
import type { Drawn, Moment, Side } from './side.ts';

export interface CaptionOptions {
  /** The one that the ids are of. */
  readonly tokenizer: Tokenizer;
  /** Widths of the groups that captions of similar length are padded to; the widest holds the longest caption. */
  readonly widths: readonly number[];
  /** `time` for recurrent towers. */
  readonly order: RowOrder;
  /** Words hidden, replaced or removed while training; undefined for none. */
  readonly corruption?: WordCorruption | undefined;
  /** Another way to change words while training, in place of the corruption, from the seed of the run. */
  readonly change?: ((seed: number) => WordCorrupter) | undefined;
}

/** Captions as ids. */
export class CaptionSide implements Side {
  readonly #options: CaptionOptions;
  readonly #captions: readonly TokenizedText[];

  constructor(captions: readonly TokenizedText[], options: CaptionOptions) {
    this.#options = options;
    this.#captions = captions;
  }

  /** The same captions, changed in another way in training. */
  changed(change: (seed: number) => WordCorrupter): CaptionSide {
    return new CaptionSide(this.#captions, { ...this.#options, change });
  }

  async draw(items: Int32Array, moment: Moment | undefined): Promise<Drawn> {
    const change = moment && this.#changeOf(moment.seed);
    return this.#drawn(
      Array.from(items, (item, place) => {
        const caption = this.#captions[item];
        return change ? change(caption, moment.step, place) : caption.ids;
      }),
    );
  }

  #changeOf(seed: number): WordCorrupter | undefined {
    const { tokenizer, corruption, change } = this.#options;
    return change?.(seed) ?? (corruption && wordCorrupter(tokenizer, corruption, seed));
  }

  #drawn(sequences: readonly Int32Array[]): Drawn {
    const { widths, order: rowOrder } = this.#options;
    const lengths = sequences.map((sequence) => sequence.length);
    return {
      lengths,
      feeds: async (order) => {
        const ordered = order.map((i) => sequences[i]);
        const layout = layoutOf(
          order.map((i) => lengths[i]),
          widths,
          rowOrder,
        );
        const ids = packRows(ordered, layout);
        return new Map([
          ['ids', { dtype: 'int32' as const, shape: [ids.length], data: ids }],
          ...[...layoutFeeds(layout)].map(([path, tensor]) => [`layout.${path}`, tensor] as const),
        ]);
      },
    };
  }
}

/** Widths of groups up to a length: multiples of 8, so that captions of about one length are padded together. */
export function widthsUpTo(length: number): number[] {
  return Array.from({ length: Math.ceil(length / 8) }, (_, i) => Math.min(8 * (i + 1), length));
}
