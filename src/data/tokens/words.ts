/** @file Splits text of any language into lower-case words. */

// 'und' (undetermined): the default Unicode word rules, with dictionaries for scripts that write no spaces.
const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

// Whether the segmenter itself calls 々 or ⺀ a word depends on what stands before it; this does not.
const letterOrNumber = /[\p{L}\p{N}]/u;

// Time for a segment grows with the length of the text it is in, so a long text is split in chunks of 1,000 characters:
// at white space, which no word holds, or anywhere in a text that has none for so long.
const chunks = /[\s\S]{1,1000}(?!\S)|[\s\S]{1,1000}/gu;

/**
 * The words of a text in reading order: compatibility-normalised (full-width letters, ligatures), lower-cased without
 * regard to a locale, without punctuation and emoji. The English possessive is a word of its own whether it was written
 * `dog's` or `dog 's`, so that both spellings know `dog`; this is also how the Karpathy files are split.
 */
export function words(text: string): string[] {
  return (normalise(text).match(chunks) ?? []).flatMap(wordsOfChunk);
}

function wordsOfChunk(chunk: string): string[] {
  const found: string[] = [];
  let before = '';
  for (const { segment } of segmenter.segment(chunk)) {
    if (letterOrNumber.test(segment)) {
      const standsAlone = segment === 's' && before === "'";
      found.push(...(standsAlone ? ["'s"] : splitPossessive(segment)));
    }
    before = segment;
  }
  return found;
}

function splitPossessive(word: string): string[] {
  let end = word.length;
  while (end > 2 && word.endsWith("'s", end)) end -= 2;
  return [word.slice(0, end), ...new Array<string>((word.length - end) / 2).fill("'s")];
}

// Lower-casing can leave a letter and its accent apart, so letters are composed once more afterwards.
function normalise(text: string): string {
  return text.normalize('NFKC').toLowerCase().normalize('NFKC').replaceAll('’', "'");
}
