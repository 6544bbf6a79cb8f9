/** @file Judges whether a tokenizer can read a text: unknown words, and scripts it has never seen. */
import { scriptsOf } from './scripts.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface TextInspection {
  readonly words: number;
  /** Words that hold at least one unknown piece. */
  readonly unknownWords: number;
  /** `unknownWords / words`; 0 for a text without words. */
  readonly unknownShare: number;
  /** Scripts of the text's letters of which no piece of the tokenizer has any, such as `Han` or `Arabic`. */
  readonly unseenScripts: readonly string[];
}

/** Looks at a text through a tokenizer, without cutting it. */
export function inspectText(tokenizer: Tokenizer, text: string): TextInspection {
  const { ids, words } = tokenizer.tokenize(text, { maxLength: Number.POSITIVE_INFINITY });
  const all = new Set(words.filter((word) => word >= 0));
  const unknown = new Set(words.filter((word, i) => word >= 0 && ids[i] === tokenizer.unknownId));
  const known = scriptsKnownTo(tokenizer);
  return {
    words: all.size,
    unknownWords: unknown.size,
    unknownShare: all.size === 0 ? 0 : unknown.size / all.size,
    unseenScripts: scriptsOf(text).filter((script) => !known.has(script)),
  };
}

/**
 * A sentence for people about a query that the model cannot read well, or undefined if it can.
 *
 * @param tolerated share of unknown words that passes in silence; one unknown word among many is common
 */
export function textWarning(tokenizer: Tokenizer, text: string, tolerated = 0.34): string | undefined {
  const { words, unknownWords, unknownShare, unseenScripts } = inspectText(tokenizer, text);
  if (unseenScripts.length > 0) {
    return `the model has never seen ${unseenScripts.join(' or ')} script; results for this text mean little`;
  }
  if (words === 0) return 'the text holds no words; results for it mean little';
  if (unknownShare <= tolerated) return undefined;
  return `${unknownWords} of ${words} words are unknown to the model; results for this text may be poor`;
}

const scriptsByTokenizer = new WeakMap<Tokenizer, ReadonlySet<string>>();

/** Scripts of which the tokenizer has letters: those of the training captions, where it was counted from them. */
export function scriptsKnownTo(tokenizer: Tokenizer): ReadonlySet<string> {
  let known = scriptsByTokenizer.get(tokenizer);
  if (known === undefined) {
    const special = new Set(tokenizer.specialIds);
    const ids = Array.from({ length: tokenizer.size }, (_, id) => id).filter((id) => !special.has(id));
    known = new Set(scriptsOf(ids.map((id) => tokenizer.decode([id])).join(' ')));
    scriptsByTokenizer.set(tokenizer, known);
  }
  return known;
}
