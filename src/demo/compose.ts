/** @file Draws scenes at random: a layout, its objects, a background, so that everything stands out. */
import type { Random } from '../random/random.ts';
import { type Claim, describes } from './claim.ts';
import { type Layout, layouts, type Slot } from './layouts.ts';
import { backgroundNames, backgrounds, colourNames, colours, patterns, type Rgb, standsOut } from './palette.ts';
import { pick } from './pick.ts';
import { type Background, kindOf, type Scene, type SceneObject } from './scene.ts';
import { containers, shapeNames } from './shapes.ts';

const allLayouts: readonly Layout[] = Object.values(layouts);

/**
 * Draws a scene.
 *
 * @param random where the draws come from
 * @param wish what the scene must satisfy: all its objects and no others are in the scene
 */
export function drawScene(random: Random, wish?: Claim): Scene {
  for (;;) {
    const layout = pickLayout(random, wish?.objects.length);
    const background = drawBackground(random, wish?.background);
    const wishes = random.shuffle([...(wish?.objects ?? [])]);
    const objects = layout.draw(random).map((slot, i) => drawObject(random, slot, wishes[i]));
    const scene = { objects, background };
    if (isClear(scene) && (wish === undefined || describes(scene, wish))) return scene;
  }
}

function pickLayout(random: Random, objects: number | undefined): Layout {
  const fitting = allLayouts.filter((layout) => objects === undefined || layout.objects === objects);
  let share = random.uniform() * fitting.reduce((sum, { weight }) => sum + weight, 0);
  for (const layout of fitting) {
    share -= layout.weight;
    if (share < 0) return layout;
  }
  return fitting[fitting.length - 1];
}

function drawBackground(random: Random, wish: Partial<Background> = {}): Background {
  return { colour: pick(random, backgroundNames), pattern: pick(random, patterns), ...wish };
}

function drawObject(random: Random, slot: Slot, wish: Partial<SceneObject> = {}): SceneObject {
  const { row, column, within } = slot;
  return {
    shape: wish.shape ?? pick(random, slot.holds ? containers : shapeNames),
    colour: wish.colour ?? pick(random, colourNames),
    size: pick(random, slot.sizes),
    row,
    column,
    ...(within === undefined ? {} : { within }),
  };
}

/** Whether no two objects are alike, holders have room, and every object stands out from what is behind it. */
function isClear({ objects, background }: Scene): boolean {
  const behind = ({ within }: SceneObject): Rgb[] => {
    const ground = backgrounds[background.colour];
    if (within === undefined) return [ground];
    // Through the hole of a ring the background is seen, and the ring is close.
    const holder = objects[within];
    return holder.shape === 'ring' ? [ground, colours[holder.colour]] : [colours[holder.colour]];
  };
  const hasRoom = ({ within }: SceneObject) => within === undefined || containers.includes(objects[within].shape);
  const allDiffer = new Set(objects.map(kindOf)).size === objects.length;
  return allDiffer && objects.every((o) => hasRoom(o) && behind(o).every((rgb) => standsOut(colours[o.colour], rgb)));
}
