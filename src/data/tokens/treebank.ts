/** @file Splits English as SCAN's vocabularies were counted: lower-cased, by the Penn Treebank conventions. */

/** Words that the Treebank writes as two. */
const compounds = new Map([
  ['cannot', ['can', 'not']],
  ['gimme', ['gim', 'me']],
  ['gonna', ['gon', 'na']],
  ['gotta', ['got', 'ta']],
  ['lemme', ['lem', 'me']],
  ['wanna', ['wan', 'na']],
]);

/** Opening quotes become ``, closing quotes ''; a straight quote opens if nothing but a bracket stands before it. */
const openingQuote = /(^|[([{<])["“]|“/gu;
const closingQuote = /["”]|''/gu;

/** Marks that are tokens wherever they stand. */
const marks = /\.{3}|--|``|''|[;@#$%&?!()[\]{}<>]|[,:](?!\d)/gu;

/** Ends with a stop of its own inside a text: initials (u.s., j.) and the usual titles. */
const abbreviation = /^(\p{L}(\.\p{L})*|mr|mrs|ms|dr|jr|sr|st)\.$/u;

/** A single quote before a word is a token, unless it begins a contraction that stands alone ('s). */
const leadingQuote = /^'(?=\p{L})(?!s$|m$|d$|ll$|re$|ve$)/u;

const contraction = /^(.+?)('s|'m|'d|'ll|'re|'ve|n't|')$/u;

/** The tokens of a text, lower-cased; punctuation marks are tokens. */
export function treebankWords(text: string): string[] {
  const chunks = text.toLowerCase().split(/\s+/u).filter(Boolean);
  return chunks.flatMap((chunk, i) => splitChunk(chunk, i === chunks.length - 1));
}

function splitChunk(chunk: string, isLast: boolean): string[] {
  const quoted = chunk.replace(openingQuote, '$1`` ').replace(closingQuote, " '' ");
  const spaced = quoted.replace(marks, ' $& ');
  return spaced
    .split(' ')
    .filter(Boolean)
    .flatMap((token) => splitEnds(token, isLast));
}

function splitEnds(token: string, isLast: boolean): string[] {
  const stopped = token.length > 1 && /[^.]\.$/u.test(token) && (isLast || !abbreviation.test(token));
  const word = stopped ? token.slice(0, -1) : token;
  const [, base, ending] = (word !== "''" && contraction.exec(word)) || [];
  const parts = base === undefined ? splitLeadingQuote(word) : [...splitEnds(base, isLast), ending as string];
  return [...parts.flatMap((part) => compounds.get(part) ?? [part]), ...(stopped ? ['.'] : [])];
}

function splitLeadingQuote(word: string): string[] {
  return leadingQuote.test(word) ? ["'", word.slice(1)] : [word];
}
