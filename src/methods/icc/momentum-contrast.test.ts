/** @file TCL's contrast inside a modality: beside its loops, masks, gradients, and as the form that ICC takes. */
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { gradient } from '../../graph/gradient.ts';
import { constant, input } from '../../graph/ops/leaves.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { expectGradient, normalValue } from '../../graph/testing/check.ts';
import { leavesOf, type Tree } from '../../graph/tree.ts';
import type { Value } from '../../graph/values.ts';
import { layoutFeeds, layoutOf } from '../../nn/layout.ts';
import { layoutFrom, type RaggedInputs } from '../../nn/ragged.ts';
import { reachedBy } from '../hrem/testing/reach.ts';
import { sameImage } from '../objectives/relation.ts';
import { pairs, twins } from '../testing/scene.ts';
import { type MomentumKeys, momentumContrast } from './momentum-contrast.ts';
import { iccObjective } from './objective.ts';
import { options, type Staged, staged } from './testing/scene.ts';

const [length, width, scale] = [3, 5, 4];
/** Fragments of the sequences as they are fed: the longest first. */
const lengths = [3, 2, 2, 1];
/** Where each pair stands among them. */
const place = [2, 0, 3, 1];
const queueIds = [7, 1, -1];

const unitRows = (rows: number, name: string): number[][] => {
  const { data } = normalValue([rows, width], name);
  return Array.from({ length: rows }, (_, i) => {
    const row = [...data.slice(i * width, (i + 1) * width)];
    return row.map((x) => x / Math.hypot(...row));
  });
};
const tensor = (rows: number[][]) => constant(rows.flat(), [rows.length, width]);
const dot = (a: number[], b: number[]) => scale * a.reduce((sum, x, i) => sum + x * b[i], 0);
const same = (i: number, j: number) => twins[i] === twins[j];
const logSum = (xs: number[]) => Math.log(xs.reduce((sum, x) => sum + Math.exp(x), 0));

const x = unitRows(pairs, 'x');
const batch = unitRows(pairs, 'batch');
const queue = unitRows(length, 'queue');
const fragments = unitRows(8, 'fragments');

function keysOf(): MomentumKeys {
  const layout = layoutOf(lengths, [2, 3], 'sequence');
  const [source, target, position, w2, w3] = ['source', 'target', 'position', 'lengths.w2', 'lengths.w3'].map(
    (path) => {
      const { shape, data } = layoutFeeds(layout).get(path)!;
      return constant([...(data as Int32Array)], [...shape], 'int32');
    },
  );
  const inputs: RaggedInputs<Tensor> = { source, target, position, lengths: { w3, w2 } };
  const queued = twins.map((id) => queueIds.map((other) => (other === id ? 1 : 0)));
  return {
    batch: tensor(batch),
    queue: tensor(queue),
    queued: constant(queued.flat(), [pairs, length], 'bool'),
    fragments: { rows: tensor(fragments), layout: layoutFrom(inputs, pairs) },
    place: constant(place, [pairs], 'int32'),
  };
}

/** The rows of the fragments of pair i. */
function rowsOf(i: number): number[][] {
  const start = lengths.slice(0, place[i]).reduce((sum, n) => sum + n, 0);
  return fragments.slice(start, start + lengths[place[i]]);
}

const ids = sameImage(constant(twins, [pairs], 'int32'));
const symbolic = input('x', [pairs, width]);
const feeds = new Map<string, Value>([['x', { shape: [pairs, width], data: Float64Array.from(x.flat()) }]]);

test('equals its loops, captions of one image left out everywhere', () => {
  let expected = 0;
  for (let i = 0; i < pairs; i++) {
    const keys = batch.filter((_, j) => j === i || !same(i, j));
    const others = queue.filter((_, k) => queueIds[k] !== twins[i]);
    expected += logSum([...keys, ...others].map((key) => dot(x[i], key))) - dot(x[i], batch[i]);
    const negatives = [0, 1, 2, 3].filter((j) => !same(i, j)).flatMap((j) => rowsOf(j).map((row) => dot(x[i], row)));
    const own = rowsOf(i).map((row) => dot(x[i], row));
    expected += own.reduce((sum, p) => sum + logSum([p, ...negatives]) - p, 0) / own.length;
  }
  const [value] = evaluate([momentumContrast(symbolic, ids, keysOf(), scale)], feeds);
  expect(value.data[0]).toBeCloseTo(expected / (2 * pairs), 8);
});

test('has the gradient of finite differences', () => {
  expectGradient(momentumContrast(symbolic, ids, keysOf(), scale), feeds, 2e-5);
});

test('no gradient reaches a key: not those of the batch, nor of the queue, nor fragments', () => {
  const keys = keysOf();
  const leaves = {
    batch: input('batch', [pairs, width]),
    queue: input('queue', [length, width]),
    fragments: input('fragments', [8, width]),
  };
  const { batch: b, queue: q, fragments: rows } = leaves;
  const loss = momentumContrast(
    symbolic,
    ids,
    { ...keys, batch: b, queue: q, fragments: { ...keys.fragments, rows } },
    scale,
  );
  expect(reachedBy(loss, { ...leaves, x: symbolic })).toEqual(['x']);
});

describe('as the form of ICC', () => {
  const tcl = { ...options, momentum: { queue: 8, momentum: 0.5 } };
  const valuesOf = (tensors: readonly Tensor[], { feeds: fed }: Staged) =>
    evaluate(tensors, fed).map(({ data }) => [...data]);

  test('is summed by the same weights, without heads, and moves the towers and the one temperature', () => {
    const stage = staged({ ...tcl, image: { ...options.image, weight: 0.3 } });
    const { cross, image, text } = stage.term.metrics as Record<string, Tensor>;
    const [[total], [c], [i], [t]] = valuesOf([stage.term.loss, cross, image, text], stage);
    expect(total).toBeCloseTo(c + 0.3 * i + t, 6);
    expect(stage.own.heads).toEqual({});
    // Copies that stay where they are: finite differences would move those that follow.
    const still = staged({ ...tcl, momentum: { queue: 8, momentum: 1 } });
    expectGradient(still.term.loss, still.feeds, 2e-5);
    const slopes = leavesOf<Tensor>(
      gradient(text, { ...stage.towers, own: stage.own } as Tree<Tensor>) as unknown as Tree<Tensor>,
    );
    const moved = valuesOf(
      slopes.map(([, slope]) => slope),
      stage,
    ).map((xs) => xs.some((s) => Math.abs(s) > 1e-9));
    expect(Object.fromEntries(slopes.map(([path], n) => [path, moved[n]]))).toEqual({
      'image.weight': false,
      'text.weight': true,
      'own.logScale': true,
    });
  });

  test('copies follow, keys of the second view enter the queues after the loss', () => {
    const stage = staged(tcl);
    const next = stage.term.memory as unknown as NonNullable<Staged['memory']>;
    const follows = valuesOf([(next.keys!.image as { weight: Tensor }).weight], stage)[0];
    const [old, query] = valuesOf(
      [(stage.memory.keys!.image as { weight: Tensor }).weight, (stage.towers.image as { weight: Tensor }).weight],
      stage,
    );
    expect(follows).toEqual(old.map((value, i) => expect.closeTo(0.5 * value + 0.5 * query[i], 8)));
    const [before, after, ids_] = valuesOf(
      [stage.memory.queues!.keys.text, next.queues!.keys.text, next.queues!.ids],
      stage,
    );
    expect(after.slice(24)).toEqual(before.slice(24).map((v) => expect.closeTo(v, 10)));
    expect(after.slice(0, 24)).not.toEqual(before.slice(0, 24));
    expect(ids_).toEqual([...twins, -1, -1, -1, -1]);
  });

  test('a stage without it keeps the queues, and the copies follow all the same', () => {
    const stage = staged(tcl, { parts: { cross: true, uniModal: false } });
    const next = stage.term.memory as unknown as Staged['memory'];
    expect(next.queues).toBe(stage.memory.queues);
    expect(next.keys!.image).not.toBe(stage.memory.keys!.image);
  });

  test('keeps copies and queues of what weighs something, which batches fill evenly', () => {
    const { memory, copies } = iccObjective({ ...tcl, image: { ...options.image, weight: 0 } });
    const kept = memory as unknown as Staged['memory'];
    expect([Object.keys(kept.keys!), Object.keys(kept.queues!.keys), copies]).toEqual([
      ['text'],
      ['text'],
      { 'keys.text': 'text' },
    ]);
    expect(() => iccObjective({ ...tcl, momentum: { queue: 6, momentum: 0.9 } })).toThrow(
      expect.objectContaining({ code: 'DIPTYCH_QUEUE_LENGTH' }),
    );
  });
});
