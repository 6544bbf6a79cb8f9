import { beforeAll, expect, test } from 'vitest';
import { Random } from '../random/random.ts';
import { drawCaptions } from './captions.ts';
import { describes } from './claim.ts';
import { demoQueries, satisfies } from './queries.ts';
import { type Scene, sceneKey } from './scene.ts';
import { combinationOf, drawScenes } from './split.ts';

let train: Scene[];
let val: Scene[];
let tested: Scene[];

beforeAll(() => {
  train = drawScenes('train', 2000, 1, false);
  val = drawScenes('val', 400, 1, true);
  tested = drawScenes('test', 300, 1, false);
});

test('no combination is in two splits, no scene twice in one', () => {
  const combinations = [train, val, tested].map((scenes) => new Set(scenes.map(combinationOf)));
  for (const [i, a] of combinations.entries()) {
    for (const b of combinations.slice(i + 1)) expect([...a].filter((combination) => b.has(combination))).toEqual([]);
  }
  for (const scenes of [train, val, tested]) expect(new Set(scenes.map(sceneKey)).size).toBe(scenes.length);
});

test('held-out scenes are made of parts that were trained on', () => {
  const partsOf = (scenes: readonly Scene[]) =>
    new Set(scenes.flatMap(({ objects }) => objects.map(({ colour, shape }) => `${colour} ${shape}`)));
  const trained = partsOf(train);
  expect(trained.size).toBe(90);
  expect([...partsOf(val)].filter((part) => !trained.has(part))).toEqual([]);
});

test('equal seeds give equal scenes, others do not; a longer split begins as a shorter one', () => {
  expect(drawScenes('train', 50, 1, false)).toEqual(train.slice(0, 50));
  expect(drawScenes('val', 50, 1, true)).toEqual(val.slice(0, 50));
  expect(drawScenes('train', 50, 2, false)).not.toEqual(train.slice(0, 50));
});

test('each query has two answers at least in the searched split, and none elsewhere', () => {
  for (const query of demoQueries) {
    expect(val.filter((scene) => satisfies(scene, query)).length, query.text).toBeGreaterThanOrEqual(2);
    expect([...train, ...tested].filter((scene) => satisfies(scene, query))).toEqual([]);
  }
  for (const count of [10, 19]) {
    const few = drawScenes('val', count, 4, true);
    expect(demoQueries.every((query) => few.some((scene) => satisfies(scene, query)))).toBe(true);
  }
  expect(drawScenes('val', 3, 4, true)).toHaveLength(3);
  expect(drawScenes('val', 0, 4, true)).toEqual([]);
});

test('few held-out captions are true of another held-out picture', () => {
  const captions = val.flatMap((scene, i) =>
    drawCaptions(scene, new Random(9, i)).map(({ claim }) => ({ scene, claim })),
  );
  const shared = captions.filter(({ scene, claim }) => val.some((other) => other !== scene && describes(other, claim)));
  // 1.9 to 2.9 % of 2,000 captions; a perfect model could reach R@1 of about 98.7 % from text to image.
  expect(shared.length / captions.length).toBeLessThan(0.05);
});

test('one, two and three objects all occur often', () => {
  for (const objects of [1, 2, 3]) {
    expect(train.filter((scene) => scene.objects.length === objects).length / train.length).toBeGreaterThan(0.15);
  }
});
