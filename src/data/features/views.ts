/** @file The views of a picture that a feature file holds: plain, mirrored, and random parts. */
import { Random } from '../../random/random.ts';
import { plainView, type View } from '../images/preprocess.ts';

/** Share of the area that a random part takes. */
const SMALLEST = 0.5;
const LARGEST = 0.9;

/**
 * A view of a picture: 0 is the picture as it is, 1 mirrored; from 2 on a random part of 50 to 90 % of its area, in its own
 * proportions, mirrored half of the time. A function of seed, image id and view alone.
 */
export function viewOf(seed: number, id: string, view: number): View {
  if (view === 0) return plainView;
  if (view === 1) return { ...plainView, mirrored: true };
  const random = new Random(seed, 'view', id, view);
  const side = Math.sqrt(SMALLEST + (LARGEST - SMALLEST) * random.uniform());
  const left = (1 - side) * random.uniform();
  const top = (1 - side) * random.uniform();
  return { left, top, width: side, height: side, mirrored: random.uniform() < 0.5 };
}
