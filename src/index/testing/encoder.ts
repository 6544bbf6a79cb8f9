/** @file A small real encoder for tests: colours of pictures and colour words of texts, in one space. */
import { decodeImage } from '../../data/images/decode.ts';
import { isDiptychError } from '../../errors/error.ts';
import { keyOf } from '../../random/hash.ts';
import type { Encoder } from '../encoder.ts';

/** Levels of each channel: the first 4^3 = 64 dimensions count colours, 64 more count other words. */
const LEVELS = 4;
const COLOURS = LEVELS ** 3;

const words: Readonly<Record<string, readonly [number, number, number]>> = {
  black: [0, 0, 0],
  white: [255, 255, 255],
  red: [255, 0, 0],
  green: [0, 255, 0],
  blue: [0, 0, 255],
  yellow: [255, 255, 0],
  pink: [255, 0, 255],
};

/** An encoder that finds red pictures for "red". Its fingerprint can be chosen, to play another model. */
export function colourEncoder(fingerprint = 'colours 1'): Encoder & { readonly encoded: string[] } {
  const encoded: string[] = [];
  return {
    fingerprint,
    dimension: 2 * COLOURS,
    /** Files that were encoded, for tests that count them. */
    encoded,
    async encodeImages(files) {
      encoded.push(...files);
      return Promise.all(files.map(histogram));
    },
    async encodeTexts(texts) {
      encoded.push(...texts);
      return texts.map(bag);
    },
    async close() {},
  };
}

async function histogram(file: string): Promise<Float32Array | { error: string }> {
  try {
    const { data } = await decodeImage(file);
    const vector = new Float32Array(2 * COLOURS);
    for (let i = 0; i < data.length; i += 3) vector[binOf(data[i], data[i + 1], data[i + 2])]++;
    return vector;
  } catch (error) {
    if (!isDiptychError(error)) throw error;
    return { error: error.message };
  }
}

function bag(text: string): Float32Array {
  const vector = new Float32Array(2 * COLOURS);
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? ['']) {
    const colour = Object.hasOwn(words, word) ? words[word] : undefined;
    if (colour !== undefined) vector[binOf(...colour)] += 2;
    else vector[COLOURS + (keyOf(word) % COLOURS)] += 0.25;
  }
  return vector;
}

function binOf(red: number, green: number, blue: number): number {
  const level = (value: number): number => Math.min(LEVELS - 1, Math.floor((value * LEVELS) / 256));
  return (level(red) * LEVELS + level(green)) * LEVELS + level(blue);
}
