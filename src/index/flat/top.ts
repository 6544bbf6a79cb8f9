/** @file The k highest scores of a stream, with everything that ties with the lowest of them. */

/** One candidate: its score and where it is. */
export interface Scored {
  readonly score: number;
  readonly place: number;
}

/**
 * Keeps the k highest scores in a heap whose root is the lowest of them. Candidates that tie with the root are kept
 * beside it, so that the caller can choose among them by a rule of its own rather than by their order of arrival.
 */
export class Top {
  private readonly k: number;
  private readonly heap: Scored[] = [];
  private tied: Scored[] = [];
  /** Scores below this do not count any more. */
  floor: number;

  /** @param threshold lower scores never count */
  constructor(k: number, threshold = -Infinity) {
    this.k = k;
    this.floor = threshold;
  }

  push(score: number, place: number): void {
    if (!(score >= this.floor)) return;
    const { heap } = this;
    if (heap.length < this.k) {
      heap.push({ score, place });
      this.rise(heap.length - 1);
      if (heap.length === this.k) this.floor = heap[0].score;
      return;
    }
    if (score === heap[0].score) {
      this.tied.push({ score, place });
      return;
    }
    const pushedOut = heap[0];
    heap[0] = { score, place };
    this.sink();
    if (heap[0].score === pushedOut.score) this.tied.push(pushedOut);
    else this.tied = [];
    this.floor = heap[0].score;
  }

  /** All that could be among the best k, in no order: more than k only if the lowest scores tie. */
  candidates(): Scored[] {
    return [...this.heap, ...this.tied];
  }

  private rise(start: number): void {
    const { heap } = this;
    for (let at = start; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (heap[parent].score <= heap[at].score) return;
      [heap[parent], heap[at]] = [heap[at], heap[parent]];
      at = parent;
    }
  }

  private sink(): void {
    const { heap } = this;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      if (left >= heap.length) return;
      const child = left + 1 < heap.length && heap[left + 1].score < heap[left].score ? left + 1 : left;
      if (heap[at].score <= heap[child].score) return;
      [heap[child], heap[at]] = [heap[at], heap[child]];
      at = child;
    }
  }
}
