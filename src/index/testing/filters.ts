/** @file Arbitrary metadata and filters over it, with the values that stores could get wrong. */
import fc from 'fast-check';
import type { Condition, Filter, Scalar } from '../filter.ts';
import type { Metadata } from '../store.ts';

const texts = [
  ...['', 'a', 'b', 'ab', "it's", '"', '\\', '%', '_', '--', '\n', '\u0000', 'null', '1'],
  // The order of code units differs from that of code points; halves of a pair are found in it.
  ...['\ud83d\udc15', '\ud83d', '\udc15', '\uff5e', '\uffff', '\ue000', 'é', '日本'],
];
const text = fc.oneof(fc.constantFrom(...texts), fc.string({ maxLength: 3 }));
const number = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 0.1, -1e-300, 5e-324, 2 ** 53, 1e21, -1.7976931348623157e308),
  fc.integer({ min: -2, max: 2 }),
);
const scalar: fc.Arbitrary<Scalar> = fc.oneof(text, number, fc.boolean(), fc.constant(null));
const ordered = fc.oneof(text, number);

const condition: fc.Arbitrary<Condition> = fc
  .dictionary(
    fc.constantFrom('eq', 'ne', 'in', 'notIn', 'lt', 'lte', 'gt', 'gte', 'exists', 'contains'),
    fc.tuple(scalar, fc.array(scalar, { maxLength: 3 }), ordered, fc.boolean(), text),
    { maxKeys: 2 },
  )
  .map((parts) =>
    Object.fromEntries(
      Object.entries(parts).map(([name, [one, several, limit, exists, part]]) => {
        if (name === 'in' || name === 'notIn') return [name, several];
        if (name === 'exists') return [name, exists];
        if (name === 'contains') return [name, part];
        return [name, name === 'eq' || name === 'ne' ? one : limit];
      }),
    ),
  );

const field = fc.constantFrom('x', 'y', 'a.b', "it's", 'constructor', 'Ünï"`');

/** Filters, groups within groups. */
export const anyFilter: fc.Arbitrary<Filter> = fc.letrec((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.dictionary(field, fc.oneof(scalar, condition), { minKeys: 1, maxKeys: 2 }),
    fc.dictionary(fc.constantFrom('all', 'any', 'none'), fc.array(tie('filter'), { maxLength: 3 }), { maxKeys: 2 }),
  ),
})).filter as fc.Arbitrary<Filter>;

export const anyMetadata: fc.Arbitrary<Metadata> = fc.dictionary(
  field,
  fc.oneof(scalar, fc.array(text, { maxLength: 3 })),
  { maxKeys: 4, noNullPrototype: true },
);
