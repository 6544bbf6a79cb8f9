/** @file Which pieces belong to one word, read from the way a sub-word tokenizer marks its pieces. */

/** The parts of tokenizer.json that say how pieces are marked. */
export interface PieceMarking {
  readonly model: {
    readonly type?: string | undefined;
    readonly continuing_subword_prefix?: string | null | undefined;
    readonly end_of_word_suffix?: string | null | undefined;
  };
  readonly pre_tokenizer: unknown;
}

/** Whether `piece` begins a new word, given the piece before it in the text. */
type BeginsWord = (piece: string, before: string) => boolean;

/**
 * The rule of one tokenizer. WordPiece marks continuing pieces by a prefix (##), CLIP's BPE the last piece of a word by
 * a suffix (</w>), byte-level BPE (Ġ) and SentencePiece (▁) the space before a word. Without any, each piece is a word.
 */
export function beginsWord({ model, pre_tokenizer }: PieceMarking): BeginsWord {
  const prefix = model.continuing_subword_prefix || (model.type === 'WordPiece' ? '##' : '');
  if (prefix !== '') return (piece) => !piece.startsWith(prefix);
  const suffix = model.end_of_word_suffix;
  if (suffix) return (_, before) => before.endsWith(suffix);
  const types = JSON.stringify(pre_tokenizer) ?? '';
  const space = types.includes('"Metaspace"') ? '▁' : types.includes('"ByteLevel"') ? 'Ġ' : undefined;
  return space === undefined ? () => true : (piece) => piece.startsWith(space);
}

/** The number of the word of each piece: 0, 1, 2 … in reading order. */
export function wordNumbers(pieces: readonly string[], begins: BeginsWord): number[] {
  let word = -1;
  return pieces.map((piece, i) => {
    if (i === 0 || begins(piece, pieces[i - 1])) word++;
    return word;
  });
}
