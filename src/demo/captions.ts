/** @file Five different captions of a scene, each true of it. */
import type { Random } from '../random/random.ts';
import { type Claim, describes, type ObjectClaim, type RelationClaim, relationNames } from './claim.ts';
import { chance, pick } from './pick.ts';
import { say } from './say.ts';
import type { Scene, SceneObject } from './scene.ts';

export interface DemoCaption {
  readonly text: string;
  /** What the text says. */
  readonly claim: Claim;
}

export const CAPTIONS_PER_SCENE = 5;

/** Draws captions of a scene, no two alike. They say little or much, but enough to tell the scene from most others. */
export function drawCaptions(scene: Scene, random: Random): DemoCaption[] {
  const captions = new Map<string, DemoCaption>();
  while (captions.size < CAPTIONS_PER_SCENE) {
    const claim = drawClaim(scene, random);
    const text = say(claim, random);
    captions.set(text, { text, claim });
  }
  return [...captions.values()];
}

/** Draws something to say about a scene. */
function drawClaim(scene: Scene, random: Random): Claim {
  const objects = random.shuffle([...scene.objects]);
  if (objects.length === 1) return claimOne(scene, random);
  const style = random.uniform();
  if (objects.length === 2) {
    if (style < 0.7) return claimRelated(scene, objects, random, 0.6);
    return style < 0.85 && placesDiffer(objects)
      ? claimPlaces(scene, objects, random)
      : claimList(scene, objects, random);
  }
  if (style < 0.35) return claimList(scene, objects, random);
  if (style < 0.6) return claimRelated(scene, objects, random, 0.35);
  if (style < 0.8) return claimRelatedTwice(scene, objects, random);
  return claimRelated(scene, objects.slice(0, 2), random, 1);
}

/** One object on its background, with its place, or with nothing else in the picture. */
function claimOne(scene: Scene, random: Random): Claim {
  const [object] = scene.objects;
  const isPlaced = chance(random, 0.75);
  const isOnly = !isPlaced || chance(random, 0.6);
  return {
    objects: [{ ...claimObject(object, random, 0.8), ...(isPlaced ? claimPlace(object, random) : {}) }],
    ...claimGround(scene, random, 1, 1),
    ...(isOnly ? { count: 1 } : {}),
  };
}

/** All objects, unrelated. */
function claimList(scene: Scene, objects: readonly SceneObject[], random: Random): Claim {
  return {
    objects: objects.map((object) => claimObject(object, random, 0.5)),
    ...claimGround(scene, random, objects.length === 2 ? 1 : 0.5, 0.8),
    ...(chance(random, 0.4) ? { count: objects.length } : {}),
  };
}

/** Two objects, each with its place. */
function claimPlaces(scene: Scene, objects: readonly SceneObject[], random: Random): Claim {
  return {
    objects: objects.map((object) => ({ ...claimObject(object, random, 0.4), ...claimPlace(object, random) })),
    ...claimGround(scene, random, 0.5, 0.6),
  };
}

/** How the first object stands to the second; a third, if given, is only named. */
function claimRelated(scene: Scene, objects: readonly SceneObject[], random: Random, grounded: number): Claim {
  const claims = objects.map((object) => claimObject(object, random, 0.5));
  return {
    objects: claims,
    relations: [drawRelation(scene, objects, 1, random)],
    ...claimGround(scene, random, grounded, 0.6),
  };
}

/** How the first object stands to the second and to the third. */
function claimRelatedTwice(scene: Scene, objects: readonly SceneObject[], random: Random): Claim {
  return {
    objects: objects.map((object) => claimObject(object, random, 0.3)),
    relations: [1, 2].map((object) => drawRelation(scene, objects, object, random)),
    ...claimGround(scene, random, 0.3, 0.6),
  };
}

/** One of the relations that hold between the first object and another; in every layout there is one. */
function drawRelation(scene: Scene, objects: readonly SceneObject[], object: number, random: Random): RelationClaim {
  const kinds: readonly ObjectClaim[] = objects.map(({ shape, colour }) => ({ shape, colour }));
  const claims = relationNames.map((relation): RelationClaim => ({ relation, subject: 0, object }));
  return pick(
    random,
    claims.filter((claim) => describes(scene, { objects: kinds, relations: [claim] })),
  );
}

/** Shape and colour always; the size by chance, and a medium one seldom, since nobody remarks on it. */
function claimObject({ shape, colour, size }: SceneObject, random: Random, sized: number): ObjectClaim {
  const isSized = chance(random, size === 'medium' ? sized / 4 : sized);
  return { shape, colour, ...(isSized ? { size } : {}) };
}

/** Corner and centre by both thirds; the middle of an edge by both or by its edge alone. */
function claimPlace({ row, column }: SceneObject, random: Random): ObjectClaim {
  const isEdge = (row === 1) !== (column === 1);
  if (!isEdge || chance(random, 0.5)) return { row, column };
  return row === 1 ? { column } : { row };
}

/** The background by chance; then its colour always, its pattern by chance, and seldom that it has none. */
function claimGround({ background }: Scene, random: Random, said: number, patterned: number): Partial<Claim> {
  if (!chance(random, said)) return {};
  const { colour, pattern } = background;
  const isPatterned = chance(random, pattern === 'plain' ? patterned / 4 : patterned);
  return { background: isPatterned ? { colour, pattern } : { colour } };
}

function placesDiffer(objects: readonly SceneObject[]): boolean {
  return new Set(objects.map(({ row, column }) => `${row}${column}`)).size === objects.length;
}
