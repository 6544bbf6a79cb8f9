/** @file The losses of ICC: what their formulas promise, which parameters they reach, and golden values. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { gradient } from '../../graph/gradient.ts';
import { exp } from '../../graph/ops/elementwise.ts';
import { constant, input, scalar } from '../../graph/ops/leaves.ts';
import { matmul } from '../../graph/ops/product.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { expectGradient, normalValue } from '../../graph/testing/check.ts';
import { leavesOf, type Tree } from '../../graph/tree.ts';
import type { Value } from '../../graph/values.ts';
import { expectGolden, type GoldenArray, type GoldenCase, readGolden } from '../../nn/testing/golden.ts';
import { infoNce } from '../objectives/info-nce.ts';
import { ntXent } from '../objectives/nt-xent.ts';
import { sameImage } from '../objectives/relation.ts';
import { dimension, encoder, pairs } from '../testing/scene.ts';
import { crossModal } from './cross.ts';
import { guardOf } from './guard.ts';
import { headVectors } from './heads.ts';
import { iccObjective } from './objective.ts';
import { options, type Staged, staged } from './testing/scene.ts';
import { firstViews, imageView, textView, type View, type ViewInputs } from './views.ts';

const numbers = (tensors: readonly Tensor[], feeds: Iterable<readonly [string, Value]> = []) =>
  evaluate(tensors, new Map(feeds)).map(({ data }) => [...data]);
const matrix = (rows: number[][]) => constant(rows.flat(), [rows.length, rows[0].length]);
const idsOf = (list: number[]) => constant(list, [list.length], 'int32');
const distinct = sameImage(idsOf([0, 1, 2, 3]));
const mask = { duplicates: 'mask' } as const;

/** Dotted names of the parameters that a loss moves. */
function moved({ feeds, towers, own }: Staged, loss: Tensor): string[] {
  const slopes = leavesOf<Tensor>(gradient(loss, { ...towers, own } as Tree<Tensor>) as unknown as Tree<Tensor>);
  const values = numbers(
    slopes.map(([, slope]) => slope),
    feeds,
  );
  return slopes.flatMap(([path], i) => (values[i].some((x) => Math.abs(x) > 1e-9) ? [path] : []));
}

describe('the cross-modal loss', () => {
  test('of identical embeddings is ln B, of separated ones with a large scale 0', () => {
    const same = matrix([0, 1, 2, 3].map(() => [1, 1, 1, 1]));
    const apart = matrix([0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => (i === j ? 1 : 0))));
    const [[equal], [zero]] = numbers([crossModal(same, distinct, 14, mask), crossModal(apart, distinct, 100, mask)]);
    expect(equal).toBeCloseTo(Math.log(4), 6);
    expect(zero).toBeCloseTo(0, 12);
  });

  test('equals InfoNCE with its golden values, and in every mask', async () => {
    const golden = readGolden<{ info_nce: GoldenCase; imageIds: GoldenArray }>(
      '../objectives/golden/losses.json',
      import.meta.url,
    );
    const same = sameImage(idsOf(golden.imageIds.data));
    await expectGolden(golden.info_nce, ({ S, s }) => crossModal(S, same, s, mask));
    const scores = matrix([0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => Math.sin(3 * i + 5 * j))));
    const twins = sameImage(idsOf([0, 1, 0, 1]));
    const [[ours], [theirs]] = numbers([crossModal(scores, twins, 7, mask), infoNce(scores, twins, 7).loss]);
    expect(ours).toBeCloseTo(theirs, 10);
  });

  test('soft targets share what is positive among the captions of an image', () => {
    const scores = matrix([0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => Math.sin(3 * i + 5 * j))));
    const s = (i: number, j: number) => 3 * Math.sin(3 * i + 5 * j);
    const alike = (i: number, j: number) => i === j || (i % 2 === 1 && j % 2 === 1);
    let expected = 0;
    for (let i = 0; i < 4; i++) {
      const others = [0, 1, 2, 3].filter((j) => alike(i, j));
      const total = (z: (j: number) => number) => Math.log([0, 1, 2, 3].reduce((sum, j) => sum + Math.exp(z(j)), 0));
      const share = (z: (j: number) => number) => others.reduce((sum, j) => sum + z(j) / others.length, 0);
      for (const z of [(j: number) => s(i, j), (j: number) => s(j, i)]) expected += (total(z) - share(z)) / 8;
    }
    const same = sameImage(idsOf([0, 1, 2, 1]));
    expect(numbers([crossModal(scores, same, 3, { duplicates: 'soft' })])[0][0]).toBeCloseTo(expected, 6);
    // Without captions of one image both are one.
    const [[soft], [hard]] = numbers([
      crossModal(scores, distinct, 3, { duplicates: 'soft' }),
      crossModal(scores, distinct, 3, mask),
    ]);
    expect(soft).toBeCloseTo(hard, 10);
  });

  test('learns its temperature between 1 and 100', () => {
    const { settle } = iccObjective(options);
    const held = (a: number) => numbers([settle!({ logScale: scalar(a), heads: {} }).logScale as Tensor])[0][0];
    expect([held(9), held(-1), held(2)]).toEqual([Math.log(100), 0, 2].map((x) => expect.closeTo(x, 5)));
  });
});

describe('the contrast inside a modality', () => {
  const unit = (name: string, rows = pairs) => input(name, [rows, 3]);
  const a = normalValue([pairs, 3], 'a');
  const b = normalValue([pairs, 3], 'b');
  const feeds = [['a', a] as const, ['b', b] as const];

  test('is symmetric in the views, and 0 for one pair', () => {
    const [[one], [two]] = numbers(
      [ntXent(unit('a'), unit('b'), distinct, 0.1).loss, ntXent(unit('b'), unit('a'), distinct, 0.1).loss],
      feeds,
    );
    expect(one).toBeCloseTo(two, 10);
    expect(one).toBeGreaterThan(0.1);
    const single = (name: string) => [name, normalValue([1, 3], name)] as const;
    const [[zero]] = numbers(
      [ntXent(unit('a', 1), unit('b', 1), sameImage(idsOf([5])), 0.1).loss],
      [single('a'), single('b')],
    );
    expect(zero).toBeCloseTo(0, 6);
  });

  test('captions of one image change nothing, however similar they become', () => {
    // Pairs 1 and 3 are turned towards each other; both stay at right angles to the others.
    const lossAt = (angle: number, ids: number[]) => {
      const z = matrix([
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
        [0, Math.sin(angle), 0, Math.cos(angle)],
      ]);
      return numbers([ntXent(z, z, sameImage(idsOf(ids)), 0.5).loss])[0][0];
    };
    expect(lossAt(1.2, [0, 1, 2, 1])).toBeCloseTo(lossAt(0, [0, 1, 2, 1]), 6);
    expect(lossAt(1.2, [0, 1, 2, 3])).toBeGreaterThan(lossAt(0, [0, 1, 2, 3]) + 0.05);
  });
});

describe('the whole', () => {
  test('is the weighted sum of its parts, with the gradient of finite differences', () => {
    const weights = { ...options, image: { ...options.image, weight: 0.3 }, text: { ...options.text, weight: 0.7 } };
    const stage = staged(weights);
    const { cross, image, text } = stage.term.metrics as Record<string, Tensor>;
    const [[total], [c], [i], [t]] = numbers([stage.term.loss, cross, image, text], stage.feeds);
    expect(total).toBeCloseTo(c + 0.3 * i + 0.7 * t, 6);
    expectGradient(stage.term.loss, stage.feeds, 2e-5);
  });

  test('without the uni-modal losses it is CLIP: the same gradient, and no heads', () => {
    const alone = (weight: number) => ({
      ...options,
      cross: { ...options.cross, views: 'first' as const },
      image: { ...options.image, weight },
      text: { ...options.text, weight },
    });
    const bare = iccObjective(alone(0));
    expect(Object.keys(bare.parameters)).toEqual(['logScale', 'heads']);
    expect([bare.parameters.heads, bare.inputs, bare.memory]).toEqual([{}, {}, {}]);
    const clip = staged(alone(0), { imageIds: [0, 1, 2, 3] });
    const { loss } = infoNce(clip.scene.scores, clip.scene.sameImage, 1 / 0.07);
    const slopes = [clip.term.loss, loss].flatMap((of) =>
      leavesOf<Tensor>(gradient(of, clip.towers) as unknown as Tree<Tensor>).map(([, slope]) => slope),
    );
    const [image, text, image2, text2] = numbers(slopes, clip.feeds);
    expect(image).toEqual(image2.map((x) => expect.closeTo(x, 6)));
    expect(text).toEqual(text2.map((x) => expect.closeTo(x, 6)));
    // A stage that does not count them moves no head, though it has them.
    const aligned = staged(alone(1), { parts: { cross: true, uniModal: false } });
    expect(moved(aligned, aligned.term.loss)).toEqual(['image.weight', 'text.weight', 'own.logScale']);
    expect(numbers([aligned.term.loss], aligned.feeds)[0][0]).toBeCloseTo(
      numbers([staged(alone(0)).term.loss], clip.feeds)[0][0],
      6,
    );
  });

  test('a stage of adaptation moves towers and heads, not the temperature', () => {
    const stage = staged(options, { parts: { cross: false, uniModal: true } });
    const reached = moved(stage, stage.term.loss);
    expect(reached).toEqual(expect.arrayContaining(['image.weight', 'own.heads.text.last.weight']));
    expect(reached).not.toContain('own.logScale');
  });

  test('averages over the views that are asked for', () => {
    const valuesWith = (views: 'first' | 'same' | 'all') => {
      const stage = staged({ ...options, cross: { ...options.cross, views } });
      const { scene, inputs } = stage;
      const given = inputs.views as unknown as ViewInputs<Tensor>;
      const { image, text } = firstViews(scene);
      const second = {
        image: imageView(encoder, scene, given.image, 2),
        text: textView(encoder, scene, given.text, given.place),
      };
      const of = (one: View, other: View) =>
        crossModal(
          matmul(one.embedding, other.embedding, { transposeB: true }),
          scene.sameImage,
          exp(stage.own.logScale!),
          mask,
        );
      const each = [of(image, text), of(second.image, second.text), of(image, second.text), of(second.image, text)];
      return numbers([(stage.term.metrics as Record<string, Tensor>).cross, ...each], stage.feeds).map(([x]) => x);
    };
    for (const [views, count] of [
      ['first', 1],
      ['same', 2],
      ['all', 4],
    ] as const) {
      const [cross, ...each] = valuesWith(views);
      expect(cross).toBeCloseTo(each.slice(0, count).reduce((a, b) => a + b) / count, 8);
      expect(new Set(each.map((x) => x.toFixed(4))).size).toBe(4);
    }
  });

  test('over stored vectors reads the batch alone', () => {
    const stored = { cross: true, uniModal: false, stored: true };
    const guard = { share: 0.95, centred: true, within: 0.95 };
    expect(iccObjective({ ...options, guard }, stored).inputs).toEqual({});
    expect(iccObjective({ ...options, guard }, stored).parameters).toEqual(iccObjective(options).parameters);
    const bare = { ...options, cross: { ...options.cross, views: 'first' as const } };
    const [own, expected] = [
      staged(options, { parts: stored }),
      staged(bare, { parts: { ...stored, stored: false } }),
    ].map((stage) => numbers([stage.term.loss], stage.feeds)[0][0]);
    expect(own).toBeCloseTo(expected, 10);
  });

  test('with a third view the images are contrasted without the first', () => {
    const third = staged({ ...options, thirdView: true });
    expect(Object.keys(third.inputs.views)).toEqual(['image', 'text', 'place', 'third']);
    const value = (stage: Staged, name: string) =>
      numbers([(stage.term.metrics as Record<string, Tensor>)[name]], stage.feeds)[0][0];
    const two = staged(options);
    const given = third.inputs.views as unknown as ViewInputs<Tensor>;
    const [a, b] = [
      imageView(encoder, third.scene, given.third!, 3),
      imageView(encoder, third.scene, given.image, 2),
    ].map(({ output }) => headVectors(third.own.heads.image!, output, options.image.head));
    const [[expected]] = numbers([ntXent(a, b, third.scene.sameImage, options.image.temperature).loss], third.feeds);
    expect(value(third, 'image')).toBeCloseTo(expected, 8);
    expect(value(third, 'image')).not.toBeCloseTo(value(two, 'image'), 4);
    expect(value(third, 'text')).toBeCloseTo(value(two, 'text'), 10);
  });

  test('the second captions are brought into the order of the pairs', () => {
    const place = { shape: [pairs], data: Float64Array.of(0, 1, 2, 3) };
    const rotated = { shape: [pairs], data: Float64Array.of(1, 2, 3, 0) };
    const x = normalValue([pairs, 5], 'second');
    const turned: Value = { shape: x.shape, data: Float64Array.from([...x.data.slice(15), ...x.data.slice(0, 15)]) };
    const [one, two] = [
      staged(options, { fed: { 'views.text.x': x, 'views.place': place } }),
      staged(options, { fed: { 'views.text.x': turned, 'views.place': rotated } }),
    ].map((stage) => numbers([stage.term.loss], stage.feeds)[0][0]);
    expect(two).toBeCloseTo(one, 8);
  });
});

describe('the guard', () => {
  const guard = { share: 0.95, centred: true, within: 0.95 };
  const rows = [
    [1, 0],
    [0.999, 0.045],
    [0, 1],
    [-1, 0],
  ];
  const teacher = (present: number) => ({
    image: matrix(rows),
    text: matrix(rows),
    centre: scalar(0),
    present: scalar(present),
  });

  test('drops what is nearly as fitting as the pair itself, and never the pair', () => {
    const { dropped, images, texts } = guardOf(teacher(1), distinct, guard);
    const values = numbers([dropped.perImage, dropped.perCaption, images, texts]);
    const expected = [0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for (const value of values) expect(value).toEqual(expected);
    const rate = numbers([guardOf(teacher(1), distinct, guard).rate])[0][0];
    expect(rate).toBeCloseTo(2 / 16);
  });

  test('is relative to the score of the anchor, above the score of random pairs', () => {
    const scores = { ...teacher(1), centre: scalar(0.9) };
    // S⁰ of pairs 0 and 1 is 0.999: 0.099 is not above 0.95 · 0.1, by a hair it is.
    const [perImage] = numbers([guardOf(scores, distinct, { ...guard, share: 0.995 }).dropped.perImage]);
    expect(perImage[1]).toBe(0);
    const [loose] = numbers([guardOf(scores, distinct, { ...guard, share: 0.9 }).dropped.perImage]);
    expect(loose[1]).toBe(1);
    // 0.999 is above 0.995 of 1 where nothing is taken off.
    const [plain] = numbers([guardOf(scores, distinct, { ...guard, share: 0.995, centred: false }).dropped.perImage]);
    expect(plain[1]).toBe(1);
  });

  test('drops nothing without a teacher, and changes the loss with one', () => {
    const fed = (present: number) => ({
      'teacher.image': {
        shape: [4, dimension],
        data: Float64Array.from({ length: 24 }, (_, i) => (i % 6 === 0 ? 1 : 0)),
      },
      'teacher.text': {
        shape: [4, dimension],
        data: Float64Array.from({ length: 24 }, (_, i) => (i % 6 === 0 ? 1 : 0)),
      },
      'teacher.present': { shape: [], data: Float64Array.of(present) },
    });
    const lossOf = (stage: Staged) => numbers([stage.term.loss], stage.feeds)[0][0];
    const guarded = { ...options, guard };
    expect(lossOf(staged(guarded, { fed: fed(0) }))).toBeCloseTo(lossOf(staged(options)), 8);
    // All pairs are alike to this teacher: only the pairs themselves are left.
    expect(lossOf(staged(guarded, { fed: fed(1) }))).toBeCloseTo(0, 6);
  });
});
