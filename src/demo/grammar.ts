/** @file The words and sentence frames of the demo's captions. */
import type { Relation } from './claim.ts';
import type { BackgroundColour, Colour, Pattern } from './palette.ts';
import type { Size } from './scene.ts';
import type { Shape } from './shapes.ts';

/** Ways of saying something; one is drawn, evenly, so a way that stands twice is said twice as often. */
export type Ways = readonly string[];

export const shapeWords: Readonly<Record<Shape, Ways>> = {
  circle: ['circle', 'circle', 'disc'],
  square: ['square'],
  triangle: ['triangle'],
  star: ['star'],
  ring: ['ring', 'ring', 'hoop'],
  cross: ['cross', 'cross', 'plus'],
  diamond: ['diamond', 'diamond', 'rhombus'],
  heart: ['heart'],
  moon: ['moon', 'moon', 'crescent'],
};

export const colourWords: Readonly<Record<Colour, Ways>> = {
  red: ['red'],
  orange: ['orange'],
  yellow: ['yellow'],
  green: ['green'],
  blue: ['blue'],
  purple: ['purple', 'purple', 'violet'],
  pink: ['pink'],
  brown: ['brown'],
  black: ['black'],
  white: ['white'],
};

export const sizeWords: Readonly<Record<Size, Ways>> = {
  small: ['small', 'small', 'little', 'tiny'],
  medium: ['medium-sized'],
  large: ['large', 'big', 'big', 'huge'],
};

export const relationWords: Readonly<Record<Relation, Ways>> = {
  above: ['above', 'above', 'over', 'higher than'],
  below: ['below', 'below', 'under', 'beneath'],
  leftOf: ['to the left of', 'left of'],
  rightOf: ['to the right of', 'right of'],
  beside: ['next to', 'beside'],
  inside: ['inside', 'inside', 'within'],
  around: ['around', 'surrounding'],
};

/** By row and column; `-` where nothing is said of it. */
export const placeWords: Readonly<Record<string, Ways>> = {
  '00': ['in the top left corner', 'at the top left', 'in the upper left corner'],
  '02': ['in the top right corner', 'at the top right', 'in the upper right corner'],
  '20': ['in the bottom left corner', 'at the bottom left', 'in the lower left corner'],
  '22': ['in the bottom right corner', 'at the bottom right', 'in the lower right corner'],
  '11': ['in the centre', 'in the middle', 'in the middle of the picture'],
  '01': ['at the top centre', 'in the middle of the top edge'],
  '21': ['at the bottom centre', 'in the middle of the bottom edge'],
  '10': ['at the middle left', 'in the middle of the left edge'],
  '12': ['at the middle right', 'in the middle of the right edge'],
  '0-': ['at the top', 'near the top'],
  '2-': ['at the bottom', 'near the bottom'],
  '-0': ['on the left', 'on the left side'],
  '-2': ['on the right', 'on the right side'],
};

export const backgroundWords: Readonly<Record<BackgroundColour, Ways>> = {
  white: ['white'],
  grey: ['grey', 'gray'],
  black: ['black'],
  beige: ['beige', 'cream'],
  'light blue': ['light blue', 'pale blue'],
  'dark blue': ['dark blue', 'navy blue'],
  'light green': ['light green', 'pale green'],
};

/** A background of a colour and a pattern, of one of them, or of a colour alone. */
export const patternWords: Readonly<Record<Pattern, Ways>> = {
  plain: ['plain {colour} {background}'],
  striped: ['striped {colour} {background}', '{colour} striped {background}', '{colour} {background} with stripes'],
  dotted: ['dotted {colour} {background}', '{colour} dotted {background}', '{colour} {background} with dots'],
  checked: ['checked {colour} {background}', 'chequered {colour} {background}', '{colour} {background} with checks'],
};
export const noPatternWords: Ways = ['{colour} {background}'];
export const backgroundNouns: Ways = ['background', 'background', 'backdrop'];

/** Where the background is said: `{s}` is the rest of the sentence. */
export const backgroundFrames: Ways = ['{s} on {g}', '{s} on {g}', '{s} against {g}', 'on {g}, {s}'];

/** Sentences by what they say. `{x}`, `{y}`, `{z}`: objects; `{p}`, `{q}`: places of x and y; `{r}`, `{t}`: relations. */
export const frames = {
  one: ['{x}', 'there is {x}', 'a picture of {x}'],
  onePlaced: ['{x} {p}', '{x} is {p}', 'there is {x} {p}', '{p} there is {x}', '{x} can be seen {p}'],
  only: ['only {x}', 'just {x}', 'nothing but {x}', 'one shape: {x}'],
  onlyPlaced: ['only {x} {p}', 'just {x} {p}', '{p} just {x} and nothing else', 'one shape: {x} {p}'],
  two: ['{x} and {y}', 'there are {x} and {y}', '{x} together with {y}', 'a picture of {x} and {y}'],
  twoOnly: ['two shapes: {x} and {y}', 'only {x} and {y}', 'just {x} and {y}'],
  twoPlaced: ['{x} {p} and {y} {q}', 'there is {x} {p} and {y} {q}', '{p} {x}, {q} {y}'],
  related: [
    '{x} {r} {y}',
    '{x} {r} {y}',
    '{x} is {r} {y}',
    'there is {x} {r} {y}',
    '{x} can be seen {r} {y}',
    '{r} {y} there is {x}',
    '{y} with {x} {r} it',
  ],
  three: ['{x}, {y} and {z}', 'there are {x}, {y} and {z}', '{x} together with {y} and {z}'],
  threeOnly: ['three shapes: {x}, {y} and {z}', 'a picture of three shapes, {x}, {y} and {z}'],
  relatedAndThird: ['{x} {r} {y}, and {z}', '{z}, and {x} {r} {y}', 'there are {z} and {x} {r} {y}'],
  relatedTwice: ['{x} {r} {y} and {t} {z}', '{x} is {r} {y} and {t} {z}', 'there is {x} {r} {y} and {t} {z}'],
} as const satisfies Record<string, Ways>;

export type Frame = keyof typeof frames;
