import { expect, test } from 'vitest';
import { findingsOfSpace, type Space } from './space.ts';

const sound: Space = {
  images: 1000,
  modalityGap: 0.4,
  hubness: { images: { skewness: 1.2, never: 0.1 }, captions: { skewness: 0.8, never: 0.2 } },
  spectrum: { images: { effectiveRank: 90, dimension: 512 } },
  similarities: { separation: 0.99 },
};
const verdicts = (space: Space) => findingsOfSpace(space).map(({ name, verdict }) => `${name}: ${verdict}`);

test('a sound space has nothing to mend', () => {
  expect(findingsOfSpace(sound).filter(({ verdict, cure }) => verdict !== 'fine' || cure !== '')).toEqual([]);
});

test('overlap, hubs, a gap and a collapse are told, each with what to do', () => {
  const sick: Space = {
    images: 1000,
    modalityGap: 1.3,
    hubness: { images: { skewness: 0.1, never: 0 }, captions: { skewness: 9, never: 0.9 } },
    spectrum: { images: { effectiveRank: 3, dimension: 512 } },
    similarities: { separation: 0.6 },
  };
  expect(verdicts(sick)).toEqual([
    'Matched and random pairs: watch',
    'Hubs: watch',
    'Gap of pictures and texts: watch',
    'Directions in use: bad',
  ]);
  expect(findingsOfSpace(sick).every(({ cure }) => cure !== '')).toBe(true);
});

test('few pictures cannot use many directions', () => {
  const few = { ...sound, images: 20, spectrum: { images: { effectiveRank: 9, dimension: 512 } } };
  expect(verdicts(few)).toContain('Directions in use: fine');
});
