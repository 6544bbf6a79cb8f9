/** @file The views that an objective contrasts, from options: what the batch itself shows, and what is fed beside it. */
import { strongView, weakView } from '../../data/images/augment.ts';
import { type WordEdits, wordEditor } from '../../data/tokens/edits.ts';
import { synonymsFrom } from '../../data/tokens/synonyms.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import { openWordNet } from '../../data/wordnet/wordnet.ts';
import { iccName, needsViews } from '../../methods/icc/objective.ts';
import type { TrainingValues } from '../../methods/schema.ts';
import { CaptionSide } from '../batches/captions.ts';
import type { PairSource } from '../batches/pairs.ts';
import { PixelSide } from '../batches/pixels.ts';
import type { Side } from '../batches/side.ts';
import { OtherCaptions, type ViewSource, viewFeeds } from '../batches/views.ts';

/** What reads captions. */
export interface ViewedTexts {
  readonly tokenizer: Tokenizer;
  /** Most ids of a caption that the text tower takes. */
  readonly longest: number;
}

/**
 * The pairs of a run whose objective contrasts two views. Pictures get a weak first view and strong further ones; stored features are
 * drawn again, with other regions left out and another stored view; captions are changed as `icc.views.text` says.
 *
 * @throws DIPTYCH_WORDNET_MISSING
 */
export function withViews(values: TrainingValues, pairs: PairSource, texts: ViewedTexts): PairSource {
  const { objectives, icc } = values;
  if (!objectives.terms.includes('icc')) return pairs;
  const image = pairs.image instanceof PixelSide ? pairs.image.augmented(weakView) : pairs.image;
  if (!needsViews(icc)) return { ...pairs, image };
  const again = pairs.image instanceof PixelSide ? pairs.image.augmented(strongView) : pairs.image;
  const source: ViewSource = {
    image: again,
    text: secondText(icc.views, pairs, texts),
    third: icc.views.image === 'three' ? again : undefined,
  };
  const feeds = { ...pairs.feeds, [iccName]: viewsOf(source) };
  return { ...pairs, image, feeds };
}

function viewsOf(source: ViewSource): NonNullable<PairSource['feeds']>[string] {
  return async (images, captions, moment) => {
    const feeds = await viewFeeds(source, images, captions, moment);
    return new Map([...feeds].map(([path, tensor]) => [`views.${path}`, tensor]));
  };
}

type Views = TrainingValues['icc']['views'];

function secondText(views: Views, { text, imageOfCaption }: PairSource, texts: ViewedTexts): Side {
  switch (views.text) {
    case 'caption':
      return new OtherCaptions(text, imageOfCaption);
    case 'edited': {
      if (!(text instanceof CaptionSide)) return text;
      const edits = editsOf(views, texts);
      return text.changed((seed) => wordEditor(edits, seed));
    }
    default:
      return text;
  }
}

function editsOf({ edits: kinds, editProbability, editShare }: Views, { tokenizer, longest }: ViewedTexts): WordEdits {
  const reads = kinds.includes('synonym') || kinds.includes('insert');
  const synonyms = reads ? synonymsFrom(openWordNet(), tokenizer) : undefined;
  return { probability: editProbability, share: editShare, kinds, synonyms, longest };
}
