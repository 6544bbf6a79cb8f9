/** @file A scene: what a picture of the demo shows, apart from how it is drawn. */
import type { BackgroundColour, Colour, Pattern } from './palette.ts';
import type { Shape } from './shapes.ts';

export const sizes = ['small', 'medium', 'large'] as const;
export type Size = (typeof sizes)[number];

/** Thirds of the picture, from the top and from the left. */
export type Third = 0 | 1 | 2;

export interface SceneObject {
  readonly shape: Shape;
  readonly colour: Colour;
  readonly size: Size;
  readonly row: Third;
  readonly column: Third;
  /** Position in the scene of the object this one lies within. */
  readonly within?: number;
}

export interface Background {
  readonly colour: BackgroundColour;
  readonly pattern: Pattern;
}

export interface Scene {
  /** One to three, no two alike in shape and colour. An object that holds another comes before it. */
  readonly objects: readonly SceneObject[];
  readonly background: Background;
}

/** What a scene is made of, in short: a red circle is `red circle`. */
export function kindOf({ shape, colour }: { readonly shape?: Shape; readonly colour?: Colour }): string {
  return `${colour} ${shape}`;
}

/** The whole scene as text; equal scenes give equal texts. */
export function sceneKey(scene: Scene): string {
  const objects = scene.objects.map((object) => {
    const within = object.within === undefined ? '' : ` within ${object.within}`;
    return `${object.size} ${kindOf(object)} at ${object.row},${object.column}${within}`;
  });
  return `${objects.join('; ')} on ${scene.background.pattern} ${scene.background.colour}`;
}
