/** @file The values of one field: the most frequent ones where values repeat, the range where they are numbers. */
import type { FieldType, MetadataValue } from '../../index/store.ts';
import type { FieldDescription } from '../schema/indexes.ts';

/** A field with more different values than this is not one to choose from. */
const MOST_DISTINCT = 1000;
/** Values that are listed. */
const TOP = 20;
/** Longer texts are not values to choose from. */
const LONGEST = 100;

type Scalar = string | number | boolean;

export class FieldCounter {
  readonly #types: readonly FieldType[];
  #values: Map<Scalar, number> | undefined = new Map();
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #rows = 0;

  constructor(types: readonly FieldType[]) {
    this.#types = types;
  }

  add(value: MetadataValue): void {
    if (value === null) return;
    if (typeof value === 'number') {
      this.#min = Math.min(this.#min, value);
      this.#max = Math.max(this.#max, value);
    }
    for (const one of Array.isArray(value) ? value : [value]) this.#count(one);
  }

  #count(value: Scalar): void {
    this.#rows++;
    if (this.#values === undefined) return;
    if (typeof value === 'string' && value.length > LONGEST) this.#values = undefined;
    else this.#values.set(value, (this.#values.get(value) ?? 0) + 1);
    if (this.#values !== undefined && this.#values.size > MOST_DISTINCT) this.#values = undefined;
  }

  describe(): FieldDescription {
    const range = this.#min <= this.#max ? { min: this.#min, max: this.#max } : {};
    const values = this.#values;
    // Where nearly every row has a value of its own there is nothing to choose from.
    if (values === undefined || (values.size > TOP && values.size * 2 > this.#rows))
      return { types: this.#types, ...range };
    const ranked = [...values].sort(([a, m], [b, n]) => n - m || (String(a) < String(b) ? -1 : 1));
    return { types: this.#types, values: ranked.slice(0, TOP).map(([value, rows]) => ({ value, rows })), ...range };
  }
}
