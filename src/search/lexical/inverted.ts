/** @file Captions by their words: for each word the captions that have it, and how often. */
import { words } from '../../data/tokens/words.ts';

/** Captions are numbered from 0 in the order in which they were added, words and images in the order first seen. */
export interface CaptionIndex {
  /** Word -> its number. */
  readonly words: ReadonlyMap<string, number>;
  /** The postings of word `w` are those from `starts[w]` up to `starts[w + 1]`. */
  readonly starts: Int32Array<ArrayBuffer>;
  /** Of each posting: the caption, ascending within a word, and how often it has the word. */
  readonly captions: Int32Array<ArrayBuffer>;
  readonly counts: Int32Array<ArrayBuffer>;
  /** Of each caption: its number of words, and its image. */
  readonly lengths: Int32Array<ArrayBuffer>;
  readonly images: Int32Array<ArrayBuffer>;
  /** Of each image: its id. */
  readonly ids: readonly string[];
}

/** Gathers captions. The same text of the same image counts once. */
export class CaptionIndexBuilder {
  private readonly numbers = new Map<string, number>();
  private readonly postings: { caption: number; count: number }[][] = [];
  private readonly lengths: number[] = [];
  private readonly images: number[] = [];
  private readonly imageNumbers = new Map<string, number>();
  private readonly seen: Set<string>[] = [];

  add(image: string, text: string): void {
    const number = this.imageNumbers.get(image) ?? this.imageNumbers.size;
    this.imageNumbers.set(image, number);
    this.seen[number] ??= new Set();
    if (this.seen[number].has(text)) return;
    this.seen[number].add(text);
    const caption = this.lengths.length;
    const found = words(text);
    const counts = new Map<string, number>();
    for (const word of found) counts.set(word, (counts.get(word) ?? 0) + 1);
    for (const [word, count] of counts) {
      const at = this.numbers.get(word) ?? this.numbers.size;
      this.numbers.set(word, at);
      this.postings[at] ??= [];
      this.postings[at].push({ caption, count });
    }
    this.lengths.push(found.length);
    this.images.push(number);
  }

  build(): CaptionIndex {
    const starts = new Int32Array(this.postings.length + 1);
    this.postings.forEach((postings, w) => {
      starts[w + 1] = starts[w] + postings.length;
    });
    const all = this.postings.flat();
    return {
      words: this.numbers,
      starts,
      captions: Int32Array.from(all, ({ caption }) => caption),
      counts: Int32Array.from(all, ({ count }) => count),
      lengths: Int32Array.from(this.lengths),
      images: Int32Array.from(this.images),
      ids: [...this.imageNumbers.keys()],
    };
  }
}
