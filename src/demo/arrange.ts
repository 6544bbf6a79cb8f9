/** @file Where the objects of a scene come to stand in a picture, each slightly off its place. */
import { Random } from '../random/random.ts';
import { colours, type Rgb, varied } from './palette.ts';
import type { Scene, SceneObject, Size, Third } from './scene.ts';

/** Where and how an object is drawn; lengths in units of the picture's side. */
export interface Drawing {
  readonly object: SceneObject;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** Tangent of half the angle it is turned by, clockwise. */
  readonly tilt: number;
  readonly colour: Rgb;
}

const radii: Readonly<Record<Size, number>> = { small: 0.095, medium: 0.13, large: 0.195 };
/** Radius of an object that holds another: alone in the picture, or beside a third object. */
const HOLDER = { alone: 0.31, besideThird: 0.225 };

/** Centres of the thirds; a lone holder is larger and stands nearer the middle. */
const centres: readonly number[] = [0.22, 0.5, 0.78];
const holderCentres: readonly number[] = [0.34, 0.5, 0.66];

/** Largest shift from the centre, by the number of objects: the more there are, the less room. */
const shifts: readonly number[] = [0, 0.03, 0.02, 0.01];
const LARGEST_TILT = 0.08; // 9 degrees

/** Where the objects of a scene come to stand when drawn with a key; equal keys give equal drawings. */
export function arrange(scene: Scene, key: number): Drawing[] {
  const random = new Random(key, 'arrange');
  const within = (width: number) => (2 * random.uniform() - 1) * width;
  const holder = scene.objects.find(({ within }) => within !== undefined)?.within;
  const isAlone = scene.objects.length === 2;
  const drawings: Drawing[] = [];
  for (const [i, object] of scene.objects.entries()) {
    const holdsOrIsHeld = i === holder || object.within !== undefined;
    const centre = (third: Third) => (holdsOrIsHeld && isAlone ? holderCentres : centres)[third];
    const anchor = object.within === undefined ? undefined : drawings[object.within];
    const shift = anchor === undefined ? shifts[scene.objects.length] : 0.012;
    const base = i === holder ? HOLDER[isAlone ? 'alone' : 'besideThird'] : radii[object.size];
    drawings.push({
      object,
      x: (anchor?.x ?? centre(object.column)) + within(shift),
      y: (anchor?.y ?? centre(object.row)) + within(shift),
      radius: base * (1 + within(0.04)),
      tilt: within(LARGEST_TILT),
      colour: varied(colours[object.colour], random),
    });
  }
  return drawings;
}
