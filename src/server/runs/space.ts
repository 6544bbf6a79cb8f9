/** @file What is right and wrong with the space of a run, as `diptych diagnose` measures it. */
import { z } from 'zod';
import { fine } from './findings.ts';
import type { Finding } from './schema.ts';

/** Bounds within which nothing needs a word. */
const SURE = 0.9;
const SKEWED = 3;
const WIDE_GAP = 1;
const NARROW = 0.05;

const hubness = z.object({ skewness: z.number(), never: z.number() });
const spectrum = z.object({ effectiveRank: z.number(), dimension: z.int() });

/** What is read of `diagnosis.json`. */
export const spaceSchema = z.object({
  images: z.int(),
  modalityGap: z.number(),
  hubness: z.object({ images: hubness, captions: hubness }),
  spectrum: z.object({ images: spectrum }),
  similarities: z.object({ separation: z.number() }),
});
export type Space = z.output<typeof spaceSchema>;

export function findingsOfSpace(space: Space): Finding[] {
  return [separationFinding(space), hubFinding(space), gapFinding(space), rankFinding(space)];
}

function separationFinding({ similarities: { separation } }: Space): Finding {
  const value = `a matched pair scores higher in ${percent(separation)} of the cases; 50 % by chance`;
  if (separation >= SURE) return fine('Matched and random pairs', value, 'They are well apart.');
  return {
    name: 'Matched and random pairs',
    verdict: 'watch',
    value,
    meaning: 'Their scores overlap: no threshold tells right from wrong.',
    cure: 'Train longer, or with larger batches or harder negatives.',
  };
}

function hubFinding({ hubness: { images, captions } }: Space): Finding {
  const skewness = Math.max(images.skewness, captions.skewness);
  const value = `skewness ${skewness.toFixed(1)}; ${percent(images.never)} of the pictures never come up`;
  if (skewness <= SKEWED) return fine('Hubs', value, 'No item crowds out the others.');
  return {
    name: 'Hubs',
    verdict: 'watch',
    value,
    meaning: 'A few items come up for far more queries than their share.',
    cure: 'The whole diagnosis shows which. Often they are plain pictures or captions that fit everything.',
  };
}

function gapFinding({ modalityGap }: Space): Finding {
  const value = `distance of the means ${modalityGap.toFixed(2)}, at most 2`;
  if (modalityGap <= WIDE_GAP) return fine('Gap of pictures and texts', value, 'Both kinds share one region.');
  return {
    name: 'Gap of pictures and texts',
    verdict: 'watch',
    value,
    meaning: 'Pictures and texts lie apart: scores across kinds and within a kind cannot be compared.',
    cure: 'Raise the temperature, and search with words and pictures apart rather than mixed.',
  };
}

/** No more directions can be in use than there are pictures. */
function rankFinding({ images, spectrum: { images: of } }: Space): Finding {
  const value = `${of.effectiveRank.toFixed(1)} of ${of.dimension} directions`;
  if (of.effectiveRank >= NARROW * Math.min(of.dimension, images))
    return fine('Directions in use', value, 'The space has not collapsed.');
  return {
    name: 'Directions in use',
    verdict: 'bad',
    value,
    meaning: 'Vectors lie in a few directions: the space has nearly collapsed.',
    cure: 'Lower the learning rate or lengthen its warm-up; a smaller dimension would do as well.',
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
