/**
 * @file Dimensions: numbers, or polynomials over named sizes written in one canonical form (`2*batch*tokens+3`), so that
 * equal sizes are equal strings.
 */

/** A size known now (a number) or when the graph runs (a canonical polynomial over names). */
export type Dim = number | string;
export type Shape = readonly Dim[];

/** Monomial (names joined by `*`, sorted; '' is the constant) -> coefficient. */
type Polynomial = Map<string, number>;

function parse(dim: Dim): Polynomial {
  if (typeof dim === 'number') return new Map([['', dim]]);
  const terms: Polynomial = new Map();
  for (const term of dim.split('+')) {
    const factors = term.split('*');
    const coefficient = factors.filter((factor) => /^\d/.test(factor)).reduce((product, f) => product * Number(f), 1);
    const names = factors.filter((factor) => !/^\d/.test(factor)).sort();
    accumulate(terms, names.join('*'), coefficient);
  }
  return terms;
}

function print(terms: Polynomial): Dim {
  const kept = [...terms].filter(([, coefficient]) => coefficient !== 0).sort(([a], [b]) => (a < b ? 1 : -1));
  if (kept.length === 0) return 0;
  if (kept.length === 1 && kept[0][0] === '') return kept[0][1];
  return kept
    .map(([names, coefficient]) =>
      names === '' ? `${coefficient}` : coefficient === 1 ? names : `${coefficient}*${names}`,
    )
    .join('+');
}

function accumulate(terms: Polynomial, names: string, coefficient: number): void {
  terms.set(names, (terms.get(names) ?? 0) + coefficient);
}

/** a + b. */
export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  const sum = parse(a);
  for (const [names, coefficient] of parse(b)) accumulate(sum, names, coefficient);
  return print(sum);
}

/** a * b. */
export function multiplyDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  const product: Polynomial = new Map();
  for (const [left, x] of parse(a)) {
    for (const [right, y] of parse(b)) {
      const names = [...left.split('*'), ...right.split('*')].filter((name) => name !== '').sort();
      accumulate(product, names.join('*'), x * y);
    }
  }
  return print(product);
}

/** Number of elements of a shape. */
export function elementCount(shape: Shape): Dim {
  return shape.reduce<Dim>(multiplyDims, 1);
}

/** The terms of a dimension: coefficient and names of each. A number is one term without names. */
export function termsOf(dim: Dim): { coefficient: number; names: string[] }[] {
  return [...parse(dim)].map(([names, coefficient]) => ({
    coefficient,
    names: names === '' ? [] : names.split('*'),
  }));
}

/**
 * The value of a dimension when names are bound.
 *
 * @throws RangeError for a name without a value
 */
export function resolveDim(dim: Dim, sizes: ReadonlyMap<string, number>): number {
  if (typeof dim === 'number') return dim;
  let total = 0;
  for (const { coefficient, names } of termsOf(dim)) {
    let product = coefficient;
    for (const name of names) {
      const size = sizes.get(name);
      if (size === undefined) throw new RangeError(`the size ${name} has no value`);
      product *= size;
    }
    total += product;
  }
  return total;
}

/** Whether two shapes are known to be equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** `[128,49,tokens]`. */
export function shapeText(shape: Shape): string {
  return `[${shape.join(',')}]`;
}

/**
 * The shape of an elementwise result by NumPy's broadcasting; undefined if the shapes do not fit.
 */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const out: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    out.push(x === 1 ? y : x);
  }
  return out;
}
