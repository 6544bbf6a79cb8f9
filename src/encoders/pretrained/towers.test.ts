/** @file Towers: the exported form equals the training form, poolings, training through all weights, and bad options. */
import { describe, expect, test } from 'vitest';
import { preprocessingSchema } from '../../data/images/preprocessing.ts';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { gradient } from '../../graph/gradient.ts';
import { input } from '../../graph/ops/leaves.ts';
import type { Spec, Tensor } from '../../graph/tensor.ts';
import { expectClose, normalValue, probe } from '../../graph/testing/check.ts';
import { runOnnx } from '../../graph/testing/onnx.ts';
import { leavesOf, type Tree } from '../../graph/tree.ts';
import type { Value } from '../../graph/values.ts';
import { layoutOf, packRows } from '../../nn/layout.ts';
import { inputsOf, layoutValues, padValue } from '../../nn/testing/sequences.ts';
import { Random } from '../../random/random.ts';
import type { Tower } from '../tower.ts';
import { bert as bertFamily } from './bert.ts';
import { clip as clipFamily } from './clip.ts';
import type { Encoders, Family } from './family.ts';
import type { SequencePooling } from './pooling.ts';
import { float32, leafMap, parametersOf, type TinyModel, tinyModel } from './testing/models.ts';
import { pretrainedImageTower, pretrainedTextTower } from './towers.ts';
import { vit as vitFamily } from './vit.ts';
import { takeWeights } from './weights.ts';

/** A BERT and a ViT with poolers, and a CLIP. */
async function encoders() {
  const withPooler = async (family: 'bert' | 'vit') => {
    const { config, tensors } = await tinyModel(family);
    tensors.set('pooler.dense.weight', float32([32, 32], normalValue([1024], 'pooler').data, 0.2));
    tensors.set('pooler.dense.bias', float32([32], normalValue([32], 'bias').data));
    return { config, tensors };
  };
  const preprocessing = preprocessingSchema.parse({
    resize: { width: 32, height: 32 },
    mean: [0.5, 0.4, 0.3],
    std: [0.2, 0.3, 0.4],
  });
  function encodersOf<C>(family: Family<C>, { config: json, tensors }: TinyModel): Encoders {
    const config = family.schema.parse(json);
    const weights = takeWeights('tiny', tensors, family.naming(config));
    return family.encoders({ folder: 'tiny', config, weights, preprocessing });
  }
  return {
    bert: encodersOf(bertFamily, await withPooler('bert')).text!,
    vit: encodersOf(vitFamily, await withPooler('vit')).image!,
    clip: encodersOf(clipFamily, await tinyModel('clip')) as Required<Encoders>,
  };
}
const { bert, vit, clip } = await encoders();
const texts = { vocabulary: 64, longest: 10, widths: [10, 6, 3] };

const lengths = [9, 6, 3, 2, 1];
const host = layoutOf(lengths, texts.widths, 'sequence');
const random = new Random(1, 'ids');
const sequences = lengths.map((length) => Int32Array.from({ length }, () => random.integer(64)));
const values = (shape: number[], data: ArrayLike<number>): Value => ({ shape, data: Float64Array.from(data) });

/** A batch of texts: packed, and padded with ids that mean nothing. */
function textFeeds(): [string, Value][] {
  const padded = sequences.flatMap((ids) => [...ids, ...Array(10 - ids.length).fill(17)]);
  return [
    ...layoutValues(host, 'packed.layout'),
    ['packed.ids', values([host.target.length], packRows(sequences, host))],
    ['plain.ids', values([5, 10], padded)],
    ['plain.lengths', values([5], lengths)],
  ];
}

function pixelFeeds(): [string, Value][] {
  const bytes = normalValue([2, 3, 32, 32], 'pixels').data.map((x) =>
    Math.max(0, Math.min(255, Math.round(128 + 60 * x))),
  );
  return ['packed.pixels', 'plain.pixels'].map((name) => [name, values([2, 3, 32, 32], bytes)]);
}

/** Both forms of a tower on one batch, with values for its parameters. */
function formsOf(tower: Tower, feeds: [string, Value][]) {
  const params = parametersOf(tower.parameters);
  const batch = inputsOf(tower.inputs('x'), 'packed') as Tree<Tensor>;
  const plain = inputsOf(tower.exported.inputs, 'plain') as Tree<Tensor>;
  const encoded = tower.encode(params.inputs, {}, batch, undefined, { training: false });
  return {
    params,
    batch,
    encoded,
    exported: tower.exported.encode(params.inputs, {}, plain).pooled,
    feeds: new Map([...params.feeds, ...feeds]),
  };
}

async function expectSameForms(tower: Tower, feeds: [string, Value][], shape: number[]): Promise<void> {
  const { encoded, exported, feeds: fed } = formsOf(tower, feeds);
  const [trained, portable] = evaluate([encoded.pooled, exported], fed);
  expect(trained.shape).toEqual(shape);
  expectClose(portable, trained, 1e-10, 'exported form');
  const [trainedOnnx] = await runOnnx([encoded.pooled], fed);
  const [portableOnnx] = await runOnnx([exported], fed, true);
  expectClose(trainedOnnx, trained, 1e-4, 'training form in ONNX Runtime');
  expectClose(portableOnnx, trained, 1e-4, 'exported form in ONNX Runtime');
}

const poolings: SequencePooling[] = [
  { kind: 'mean' },
  { kind: 'max' },
  { kind: 'gpo', longest: 17 },
  { kind: 'cls' },
  { kind: 'last' },
];

describe('the exported form of padded input equals the training form of packed rows', () => {
  test.each<SequencePooling>([...poolings, { kind: 'pooler' }])('BERT, $kind', async (pooling) => {
    await expectSameForms(pretrainedTextTower(bert, { ...texts, dimension: 6, pooling }), textFeeds(), [5, 6]);
  });
  test.each<SequencePooling>([...poolings, { kind: 'pooler' }])('ViT, $kind', async (pooling) => {
    await expectSameForms(pretrainedImageTower(vit, { dimension: 6, pooling }), pixelFeeds(), [2, 6]);
  });
  test('CLIP', async () => {
    await expectSameForms(pretrainedTextTower(clip.text, { ...texts, dimension: 24 }), textFeeds(), [5, 24]);
    await expectSameForms(pretrainedImageTower(clip.image, {}), pixelFeeds(), [2, 24]);
  });
  test('without a head', async () => {
    await expectSameForms(pretrainedTextTower(bert, texts), textFeeds(), [5, 32]);
  });
});

test.each(poolings)('pooled is $kind of the fragments, though less is projected', ({ kind }) => {
  const tower = pretrainedTextTower(bert, {
    ...texts,
    dimension: 6,
    pooling: { kind, longest: 10 } as SequencePooling,
  });
  const { encoded, feeds } = formsOf(tower, textFeeds());
  const [pooled, rows] = evaluate([encoded.pooled, encoded.fragments.rows], feeds);
  const padded = padValue(rows, host, 10);
  lengths.forEach((length, which) => {
    for (let d = 0; d < 6; d++) {
      const line = Array.from({ length }, (_, at) => padded.data[(which * 10 + at) * 6 + d]);
      const expected = {
        mean: line.reduce((a, b) => a + b) / length,
        max: Math.max(...line),
        cls: line[0],
        last: line[length - 1],
        gpo: undefined,
      }[kind as 'mean'];
      if (expected !== undefined) expect(pooled.data[which * 6 + d]).toBeCloseTo(expected, 10);
      else {
        expect(pooled.data[which * 6 + d]).toBeGreaterThanOrEqual(Math.min(...line) - 1e-9);
        expect(pooled.data[which * 6 + d]).toBeLessThanOrEqual(Math.max(...line) + 1e-9);
      }
    }
  });
});

test('a packed batch equals each text alone', () => {
  for (const encoder of [bert, clip.text]) {
    const tower = pretrainedTextTower(encoder, texts);
    const { encoded, exported, feeds } = formsOf(tower, textFeeds());
    const [together] = evaluate([encoded.pooled], feeds);
    const d = together.shape[1];
    sequences.forEach((ids, i) => {
      const alone = new Map([
        ...feeds,
        ['plain.ids', values([1, ids.length], ids)],
        ['plain.lengths', values([1], [ids.length])],
      ] as const);
      const [one] = evaluate([exported], alone);
      expectClose(one, { shape: [1, d], data: together.data.slice(i * d, (i + 1) * d) }, 1e-10, `text ${i}`);
    });
  }
});

describe('every weight trains', () => {
  test.each([
    ['BERT', 5, () => pretrainedTextTower(bert, { ...texts, dimension: 6, pooling: { kind: 'pooler' } }), textFeeds()],
    [
      'BERT with GPO',
      5,
      () => pretrainedTextTower(bert, { ...texts, dimension: 6, pooling: { kind: 'gpo', longest: 10 } }),
      textFeeds(),
    ],
    ['ViT', 2, () => pretrainedImageTower(vit, { dimension: 6 }), pixelFeeds()],
    ['CLIP texts', 5, () => pretrainedTextTower(clip.text, texts), textFeeds()],
    ['CLIP pictures', 2, () => pretrainedImageTower(clip.image, {}), pixelFeeds()],
  ])('%s', async (_, count, make, feeds) => {
    const tower = make();
    const params = parametersOf(tower.parameters);
    const batch = inputsOf(tower.inputs('x'), 'packed') as Tree<Tensor>;
    const mode = { training: true, key: input('key', [], 'int32') };
    const { pooled } = tower.encode(params.inputs, {}, batch, count, mode);
    const slopes = leafMap<Tensor>(gradient(probe(pooled), params.inputs) as Tree<Tensor>);
    const fed = new Map([...params.feeds, ...feeds, ['key', values([], [3])] as const]);
    const results = await runOnnx([...slopes.values()], fed);
    [...slopes.keys()].forEach((path, i) => {
      expect(results[i].data.every(Number.isFinite), path).toBe(true);
      expect(Math.max(...results[i].data.map(Math.abs)), path).toBeGreaterThan(1e-6);
    });
  });
});

describe('dropout', () => {
  const key = input('key', [], 'int32');
  const pooledWith = (options: object, training: boolean): Tensor => {
    const tower = pretrainedTextTower(bert, { ...texts, dimension: 6, ...options });
    const { params, batch } = formsOf(tower, []);
    return tower.encode(params.inputs, {}, batch, 5, { training, key }).pooled;
  };
  const run = (tensors: Tensor[]) => {
    const { feeds } = formsOf(pretrainedTextTower(bert, { ...texts, dimension: 6 }), textFeeds());
    return evaluate(tensors, new Map([...feeds, ['key', values([], [3])] as const]));
  };

  test('is the model’s own in training, none in evaluation, and can be set', () => {
    const none = { hidden: 0, attention: 0 };
    const [evaluation, own, off, strong] = run([
      pooledWith({}, false),
      pooledWith({}, true),
      pooledWith({ layerDropout: none }, true),
      pooledWith({ layerDropout: { hidden: 0.5, attention: 0.5 } }, true),
    ]);
    expect(off).toEqual(evaluation);
    expect(own).not.toEqual(evaluation);
    expect(strong).not.toEqual(own);
  });

  test('of the pooled vector', () => {
    const [dropped] = run([pooledWith({ dropout: 0.5, layerDropout: { hidden: 0, attention: 0 } }, true)]);
    const zeros = dropped.data.filter((x) => x === 0).length;
    expect(zeros).toBeGreaterThan(5);
    expect(zeros).toBeLessThan(25);
  });
});

describe('options that do not fit the model', () => {
  test.each<[string, () => Tower, string, string]>([
    [
      'more positions than there are',
      () => pretrainedTextTower(bert, { ...texts, longest: 17 }),
      'LENGTH',
      'captions of up to 17 tokens, but the model has 16 positions',
    ],
    [
      'a larger tokenizer',
      () => pretrainedTextTower(bert, { ...texts, vocabulary: 65 }),
      'VOCABULARY',
      'the tokenizer has 65 ids, the model vectors for 64',
    ],
    [
      'another length of CLIP’s vectors',
      () => pretrainedImageTower(clip.image, { dimension: 32 }),
      'DIMENSION',
      'gives vectors of length 24, but 32 is asked for',
    ],
    [
      'a pooler that is not there',
      () => pretrainedImageTower(clip.image, { pooling: { kind: 'pooler' } }),
      'POOLING',
      'pooling "pooler" cannot be used',
    ],
  ])('%s', (_, make, code, message) => {
    expect(make).toThrow(expect.objectContaining({ code: `DIPTYCH_PRETRAINED_${code}` }));
    expect(make).toThrow(message);
  });
});

test('inputs are those of the batches that training makes', () => {
  const paths = leavesOf<Spec>(pretrainedTextTower(bert, texts).inputs('text')).map(
    ([path, { dtype }]) => `${path} ${dtype}`,
  );
  expect(paths).toEqual([
    'ids int32',
    'layout.source int32',
    'layout.target int32',
    'layout.position int32',
    'layout.lengths.w10 int32',
    'layout.lengths.w6 int32',
    'layout.lengths.w3 int32',
  ]);
  expect(pretrainedImageTower(vit, {}).inputs('image')).toEqual({
    pixels: { shape: ['image', 3, 32, 32], dtype: 'uint8' },
  });
});
