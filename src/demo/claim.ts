/** @file What a caption or query says about a scene, and whether it is true. */
import type { Background, Scene, SceneObject } from './scene.ts';

/** What is said of one object; what is not said may be anything. */
export type ObjectClaim = Partial<Pick<SceneObject, 'shape' | 'colour' | 'size' | 'row' | 'column'>>;

/** True of (subject, object) by their thirds of the picture, or by one lying within the other. */
export const relations = {
  above: (a, b) => a.row < b.row,
  below: (a, b) => a.row > b.row,
  leftOf: (a, b) => a.column < b.column,
  rightOf: (a, b) => a.column > b.column,
  /** Side by side at the same height. */
  beside: (a, b) => a.row === b.row && a.column !== b.column,
  inside: (a, b, scene) => a.within !== undefined && scene.objects[a.within] === b,
  around: (a, b, scene) => b.within !== undefined && scene.objects[b.within] === a,
} as const satisfies Record<string, (subject: SceneObject, object: SceneObject, scene: Scene) => boolean>;

export type Relation = keyof typeof relations;
export const relationNames = Object.keys(relations) as readonly Relation[];

/** `subject` and `object` are positions in the claim's objects. */
export interface RelationClaim {
  readonly relation: Relation;
  readonly subject: number;
  readonly object: number;
}

export interface Claim {
  readonly objects: readonly ObjectClaim[];
  readonly relations?: readonly RelationClaim[];
  readonly background?: Partial<Background>;
  /** How many objects there are in all. */
  readonly count?: number;
}

/** Whether a claim is true of a scene: its objects can be found in the scene, each another one, so that all holds. */
export function describes(scene: Scene, claim: Claim): boolean {
  const { background = {}, count = scene.objects.length } = claim;
  if (count !== scene.objects.length || !agrees(scene.background, background)) return false;
  return isFound(scene, claim, []);
}

/** Tries every object of the scene for the next object of the claim. */
function isFound(scene: Scene, claim: Claim, found: readonly SceneObject[]): boolean {
  if (found.length === claim.objects.length) return relationsHold(scene, claim, found);
  return scene.objects.some(
    (object) =>
      !found.includes(object) &&
      agrees(object, claim.objects[found.length]) &&
      isFound(scene, claim, [...found, object]),
  );
}

function relationsHold(scene: Scene, { relations: claimed = [] }: Claim, found: readonly SceneObject[]): boolean {
  return claimed.every(({ relation, subject, object }) => relations[relation](found[subject], found[object], scene));
}

function agrees<T extends object>(thing: T, claim: Partial<T>): boolean {
  return (Object.keys(claim) as (keyof T)[]).every((key) => thing[key] === claim[key]);
}
