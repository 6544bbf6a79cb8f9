/** @file What is right and wrong with the space of a run, as `diptych diagnose` measures it. */
import { z } from 'zod';
import { judge } from './findings.ts';
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
  const pairs = judge('Matched and random pairs', value);
  if (separation >= SURE) return pairs.fine('They are well apart.');
  return pairs.watch(
    'Their scores overlap: no threshold tells right from wrong.',
    'Train longer, or with larger batches or harder negatives.',
  );
}

function hubFinding({ hubness: { images, captions } }: Space): Finding {
  const skewness = Math.max(images.skewness, captions.skewness);
  const value = `skewness ${skewness.toFixed(1)}; ${percent(images.never)} of the pictures never come up`;
  const hubs = judge('Hubs', value);
  if (skewness <= SKEWED) return hubs.fine('No item crowds out the others.');
  return hubs.watch(
    'A few items come up for far more queries than their share.',
    'The whole diagnosis shows which. Often they are plain pictures or captions that fit everything.',
  );
}

function gapFinding({ modalityGap }: Space): Finding {
  const gap = judge('Gap of pictures and texts', `distance of the means ${modalityGap.toFixed(2)}, at most 2`);
  if (modalityGap <= WIDE_GAP) return gap.fine('Both kinds share one region.');
  return gap.watch(
    'Pictures and texts lie apart: scores across kinds and within a kind cannot be compared.',
    'Raise the temperature, and search with words and pictures apart rather than mixed.',
  );
}

/** No more directions can be in use than there are pictures. */
function rankFinding({ images, spectrum: { images: spectrum } }: Space): Finding {
  const { effectiveRank, dimension } = spectrum;
  const directions = judge('Directions in use', `${effectiveRank.toFixed(1)} of ${dimension} directions`);
  if (effectiveRank >= NARROW * Math.min(dimension, images)) return directions.fine('The space has not collapsed.');
  return directions.bad(
    'Vectors lie in a few directions: the space has nearly collapsed.',
    'Lower the learning rate or lengthen its warm-up; a smaller dimension would do as well.',
  );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
