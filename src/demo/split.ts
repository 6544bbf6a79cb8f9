/** @file Which scenes are trained on and which are held out: by what is combined, so that no split shares a combination. */
import { keyOf } from '../random/hash.ts';
import { Random } from '../random/random.ts';
import type { Claim } from './claim.ts';
import { drawScene } from './compose.ts';
import { demoQueries, satisfies } from './queries.ts';
import { kindOf, type Scene, sceneKey } from './scene.ts';

export type DemoSplit = 'train' | 'val' | 'test';
export const demoSplits: readonly DemoSplit[] = ['train', 'val', 'test'];

/**
 * What a scene combines: the set of its objects by shape and colour; for one object alone, the whole scene. A model that
 * does well on held-out scenes has met a red circle and a blue square, but never the two together.
 */
export function combinationOf(scene: Scene): string {
  return scene.objects.length === 1 ? sceneKey(scene) : combined(scene.objects);
}

function combined(objects: Scene['objects'] | Claim['objects']): string {
  return objects.map(kindOf).sort().join(' + ');
}

const askedFor = new Set(demoQueries.map(({ claim }) => combined(claim.objects)));

/** Half of all combinations are for training, 3 of 10 for val, 2 for test; what queries ask for is never drawn by chance. */
function splitOf(scene: Scene): DemoSplit | 'query' {
  const combination = combinationOf(scene);
  if (askedFor.has(combination) || demoQueries.some((query) => satisfies(scene, query))) return 'query';
  const share = keyOf('combination', combination) % 10;
  if (share < 5) return 'train';
  return share < 8 ? 'val' : 'test';
}

/** How many scenes a searched split holds for each query, if it is large enough. */
const SCENES_PER_QUERY = 2;

/**
 * Draws the scenes of one split, no two alike.
 *
 * @param searched whether the demo's queries run on this split: then its first scenes are answers to them, two to each
 *   query (one, or none, in a split of fewer than 20, or 10, scenes)
 */
export function drawScenes(split: DemoSplit, count: number, seed: number, searched: boolean): Scene[] {
  const perQuery = searched ? Math.min(SCENES_PER_QUERY, Math.floor(count / demoQueries.length)) : 0;
  const scenes = new Map<string, Scene>();
  while (scenes.size < count) {
    const i = scenes.size;
    const query = i < perQuery * demoQueries.length ? demoQueries[i % demoQueries.length] : undefined;
    const random = new Random(seed, 'scene', split, i);
    let scene: Scene;
    do scene = drawScene(random, query?.claim);
    while (scenes.has(sceneKey(scene)) || splitOf(scene) !== (query === undefined ? split : 'query'));
    scenes.set(sceneKey(scene), scene);
  }
  return [...scenes.values()];
}
