import { expect, test } from 'vitest';
import { Random } from '../random/random.ts';
import { arrange, type Drawing } from './arrange.ts';
import { drawCaptions } from './captions.ts';
import { describes } from './claim.ts';
import { drawScene } from './compose.ts';
import { demoQueries, satisfies } from './queries.ts';
import { read } from './testing/read.ts';
import { contradiction } from './testing/truth.ts';

const scenes = Array.from({ length: 600 }, (_, i) => drawScene(new Random(21, i)));
const captions = scenes.map((scene, i) => drawCaptions(scene, new Random(22, i)));

test('five to a scene, no two alike', () => {
  for (const of of captions) expect(new Set(of.map(({ text }) => text)).size).toBe(5);
});

test('each is true of its scene by its claim, and by its text against what is drawn', () => {
  for (const [i, scene] of scenes.entries()) {
    const drawings = arrange(scene, i);
    for (const { text, claim } of captions[i]) {
      expect(describes(scene, claim), text).toBe(true);
      expect(contradiction(read(text), drawings, scene.background), text).toBeUndefined();
    }
  }
});

test('the reader of the test would notice: captions are false of most other scenes', () => {
  let pairs = 0;
  let agreeing = 0;
  for (let i = 0; i < 200; i++) {
    const other = (i * 7 + 13) % scenes.length;
    if (other === i) continue;
    const drawings: readonly Drawing[] = arrange(scenes[other], other);
    for (const { text, claim } of captions[i]) {
      const isTrue = contradiction(read(text), drawings, scenes[other].background) === undefined;
      expect(isTrue, text).toBe(describes(scenes[other], claim));
      pairs++;
      if (isTrue) agreeing++;
    }
  }
  expect(agreeing / pairs).toBeLessThan(0.01);
});

test('a text says as much as its claim', () => {
  for (const { text, claim } of captions.flat()) {
    const said = read(text);
    expect(said.objects, text).toHaveLength(claim.objects.length);
    expect(said.relations, text).toHaveLength(claim.relations?.length ?? 0);
    expect(
      said.objects.filter(({ size }) => size),
      text,
    ).toHaveLength(claim.objects.filter(({ size }) => size).length);
    expect(said.background, text).toEqual(claim.background ?? {});
    expect(said.count, text).toBe(claim.count);
  }
});

test('captions vary in words, order and detail', () => {
  const texts = captions.flat().map(({ text }) => text);
  expect(new Set(texts).size / texts.length).toBeGreaterThan(0.99);
  const skeletons = new Set(captions.flat().map(({ text }) => read(text).skeleton));
  expect(skeletons.size).toBeGreaterThan(35);
  const words = new Set(texts.flatMap((text) => text.toLowerCase().match(/[a-z-]+/g) ?? []));
  expect(words.size).toBeGreaterThan(90);
  expect(words.size).toBeLessThan(160);
  const lengths = texts.map((text) => text.split(' ').length);
  expect(Math.min(...lengths)).toBeLessThanOrEqual(8);
  expect(Math.max(...lengths)).toBeGreaterThanOrEqual(20);
});

test('queries mean what their texts say', () => {
  for (const query of demoQueries) {
    for (let i = 0; i < 5; i++) {
      const scene = drawScene(new Random(23, query.text, i), query.claim);
      expect(satisfies(scene, query)).toBe(true);
      expect(contradiction(read(query.text), arrange(scene, i), scene.background), query.text).toBeUndefined();
    }
    expect(read(query.text).objects).toHaveLength(query.claim.objects.length);
    expect(scenes.some((scene) => satisfies(scene, query))).toBe(
      scenes.some((scene, i) => contradiction(read(query.text), arrange(scene, i), scene.background) === undefined),
    );
  }
});
