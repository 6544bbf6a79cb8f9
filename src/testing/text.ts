/** @file Texts that people might write, and texts that nobody would, for tests that fuzz. */
import fc from 'fast-check';

/** Any code points, lone surrogates among them. */
const codePoints = fc
  .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 60 })
  .map((points) => String.fromCodePoint(...points));

export const anyText = { graphemes: fc.string({ unit: 'grapheme', maxLength: 60 }), codePoints } as const;
