/** @file Degrees of relevance from a table of images by captions. */
import type { Relevance } from '../relevance/relevance.ts';

export const given = (rows: readonly (readonly number[])[]): Relevance => ({
  fingerprint: 'table',
  block: (images, captions, out) => {
    images.forEach((image, i) => {
      captions.forEach((caption, j) => {
        out[i * captions.length + j] = rows[image][caption];
      });
    });
  },
});
