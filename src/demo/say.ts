/** @file Says a claim in words: a frame that fits what is claimed, filled with one of many ways for each part. */
import type { Random } from '../random/random.ts';
import type { Claim, ObjectClaim } from './claim.ts';
import {
  backgroundFrames,
  backgroundNouns,
  backgroundWords,
  colourWords,
  type Frame,
  frames,
  noPatternWords,
  patternWords,
  placeWords,
  relationWords,
  shapeWords,
  sizeWords,
  type Ways,
} from './grammar.ts';
import { pick } from './pick.ts';
import type { Background } from './scene.ts';

/** A sentence that says no more and no less than the claim. */
export function say(claim: Claim, random: Random): string {
  const { objects, relations = [], background } = claim;
  const [x, y, z] = objects.map((object) => () => sayObject(object, random));
  const [p, q] = objects.map((object) => () => pick(random, placeWords[placeKey(object)]));
  const [r, t] = relations.map(
    ({ relation }) =>
      () =>
        pick(random, relationWords[relation]),
  );
  const sentence = fill(pick(random, frames[frameOf(claim)] as Ways), { x, y, z, p, q, r, t });
  const whole = background === undefined ? sentence : sayOnBackground(sentence, background, random);
  return `${whole[0].toUpperCase()}${whole.slice(1)}.`;
}

/** The frame for what is claimed. Claims relate `x` to `y`, and then `x` to `z`. */
function frameOf({ objects, relations = [], count }: Claim): Frame {
  const isPlaced = placeKey(objects[0]) !== '--';
  if (relations.length === 2) return 'relatedTwice';
  if (relations.length === 1) return objects.length === 3 ? 'relatedAndThird' : 'related';
  if (objects.length === 3) return count === undefined ? 'three' : 'threeOnly';
  if (objects.length === 2) return isPlaced ? 'twoPlaced' : count === undefined ? 'two' : 'twoOnly';
  if (count === undefined) return isPlaced ? 'onePlaced' : 'one';
  return isPlaced ? 'onlyPlaced' : 'only';
}

function sayObject({ shape, colour, size }: ObjectClaim, random: Random): string {
  const parts = [
    size === undefined ? '' : pick(random, sizeWords[size]),
    colour === undefined ? '' : pick(random, colourWords[colour]),
    shape === undefined ? 'shape' : pick(random, shapeWords[shape]),
  ];
  return withArticle(parts.filter(Boolean).join(' '));
}

function placeKey({ row, column }: ObjectClaim): string {
  return `${row ?? '-'}${column ?? '-'}`;
}

function sayOnBackground(sentence: string, { colour, pattern }: Partial<Background>, random: Random): string {
  const noun = pick(random, backgroundNouns);
  const way = pick(random, pattern === undefined ? noPatternWords : patternWords[pattern]);
  const words = fill(way, {
    colour: () => (colour === undefined ? '' : pick(random, backgroundWords[colour])),
    background: () => noun,
  });
  const ground = withArticle(words.replace(/ +/g, ' ').trim());
  return fill(pick(random, backgroundFrames), { s: () => sentence, g: () => ground });
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

/** Replaces each `{name}` by what its function says. */
function fill(way: string, parts: Readonly<Record<string, (() => string) | undefined>>): string {
  return way.replace(/\{(\w+)\}/g, (_, name: string) => parts[name]?.() ?? '');
}
