/** @file Ensembles: the mean of several models' score matrices, block by block. */
import { DiptychError } from '../errors/error.ts';
import type { ScoreSource } from './scores.ts';

/**
 * The mean of score matrices (the starred rows of published tables).
 *
 *     mean_k v_k . u_k = [v_1; ...; v_K] / sqrt(K) . [u_1; ...; u_K] / sqrt(K)
 *
 * so for inner products it equals one model whose vectors are the concatenated ones, each divided by sqrt(K).
 *
 * @throws DIPTYCH_EVALUATION_EMPTY without a source
 * @throws DIPTYCH_EVALUATION_SHAPE if the sources are not of one size
 */
export function meanScores(sources: readonly ScoreSource[]): ScoreSource {
  const [first] = sources;
  if (first === undefined) throw new DiptychError('DIPTYCH_EVALUATION_EMPTY', { what: 'an ensemble of no models' });
  const { images, captions } = first;
  sources.forEach((source, position) => {
    if (source.images === images && source.captions === captions) return;
    throw new DiptychError('DIPTYCH_EVALUATION_SHAPE', {
      what: `scores of model ${position + 1} of the ensemble`,
      expected: `${images} images and ${captions} captions`,
      found: `${source.images} and ${source.captions}`,
    });
  });
  return {
    images,
    captions,
    members: sources.reduce((members, source) => members + source.members, 0),
    async block(imageRows, captionRows, out) {
      // Summed in float64 and rounded once, so that the mean of equal scores is that score whatever their number.
      const sums = new Float64Array(out.length);
      for (const source of sources) {
        await source.block(imageRows, captionRows, out);
        for (let i = 0; i < out.length; i++) sums[i] += out[i];
      }
      for (let i = 0; i < out.length; i++) out[i] = sums[i] / sources.length;
    },
    pair: (image, caption) => sources.reduce((sum, source) => sum + source.pair(image, caption), 0) / sources.length,
  };
}
