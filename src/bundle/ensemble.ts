/** @file Which runs can be one model: those that take the same pictures and the same ids of texts. */
import { DiptychError } from '../errors/error.ts';
import { canonicalJson, fingerprintOf, type Json } from '../training/run/configuration.ts';
import { type ImagesInput, pictureForm } from './manifest.ts';
import type { PictureInput } from './picture-input.ts';
import type { Trained } from './trained.ts';

/** A run and how pictures enter its model. */
export interface Member {
  readonly trained: Trained;
  readonly input: PictureInput;
  /** The feature file that it learnt from; undefined for pixels, and where none is named. */
  readonly features: string | undefined;
}

/** What all members must have in common, the broadest first: the first difference is told. */
const common: readonly (readonly [what: string, of: (member: Member) => string])[] = [
  ['the form of pictures', ({ input: { images } }) => formText(images)],
  ['the backbone of the features', ({ input: { images } }) => backboneText(images)],
  ['the feature file, whose backbone nobody knows', featureFile],
  ['the number of views that are averaged', ({ input: { images } }) => viewsText(images)],
  ['the preprocessing of pictures', ({ input: { preprocessing } }) => canonicalJson((preprocessing ?? null) as Json)],
  ['the kind of tokenizer', ({ trained: { tokenizer } }) => tokenizer.toJSON().kind],
  ['the size of the vocabulary', ({ trained: { tokenizer } }) => `${tokenizer.size} ids`],
  ['the longest text', ({ trained: { tokenizer } }) => `${tokenizer.maxLength} tokens`],
  [
    'the tokenizer',
    ({ trained: { tokenizer } }) => `SHA-256 ${fingerprintOf(tokenizer.toJSON() as unknown as Json).slice(0, 16)}…`,
  ],
];

/**
 * Refuses members that cannot be one model, because one picture or one text would have to enter them in different ways.
 *
 * @throws DIPTYCH_EXPORT_ENSEMBLE naming run and difference
 */
export function requireAlike([first, ...others]: readonly Member[]): void {
  for (const other of others) {
    for (const [what, of] of common) {
      const [expected, found] = [of(first), of(other)];
      if (expected === found) continue;
      const runs = { run: other.trained.run, first: first.trained.run };
      throw new DiptychError('DIPTYCH_EXPORT_ENSEMBLE', { ...runs, what, expected, found });
    }
  }
}

function formText(images: ImagesInput): string {
  return images.kind === 'pixels' ? pictureForm(images) : `${pictureForm(images)} in ${images.dtype}`;
}

function backboneText(images: ImagesInput): string {
  if (images.kind === 'pixels') return 'none';
  return images.backbone === null ? 'unknown' : `SHA-256 ${images.backbone}`;
}

/** Only the file itself tells of features whose backbone is unknown. */
function featureFile({ input: { images }, features }: Member): string {
  return images.kind === 'features' && images.backbone === null ? String(features) : 'known';
}

function viewsText(images: ImagesInput): string {
  return String(images.kind === 'features' ? (images.views ?? 1) : 1);
}
