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

const contractions = ["'s", "'m", "'d", "'ll", "'re", "'ve", "n't", "'"] as const;

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

/** Takes full stops and contractions off the end, one after the other, then a quote off the beginning. */
function splitEnds(token: string, isLast: boolean): string[] {
  const endings: string[] = [];
  let word = token;
  for (let ending = endingOf(word, isLast); ending !== undefined; ending = endingOf(word, isLast)) {
    endings.push(ending);
    word = word.slice(0, -ending.length);
  }
  const start = leadingQuote.test(word) ? ["'", word.slice(1)] : [word];
  return [...start.flatMap((part) => compounds.get(part) ?? [part]), ...endings.reverse()];
}

function endingOf(word: string, isLast: boolean): string | undefined {
  if (word.length < 2 || word === "''") return undefined;
  if (word.endsWith('.')) return word.at(-2) !== '.' && (isLast || !abbreviation.test(word)) ? '.' : undefined;
  return contractions.find((ending) => word.endsWith(ending) && word.length > ending.length);
}
