import { expect, test } from 'vitest';
import { resolve } from '../../config/resolve.ts';
import { type EngineValues, engineSchema } from '../../config/training.ts';
import { evaluate } from '../../graph/evaluate/evaluate.ts';
import { constant, input } from '../../graph/ops/leaves.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { normalValue } from '../../graph/testing/check.ts';
import type { Scene } from '../objective.ts';
import { hinge } from '../objectives/hinge.ts';
import { infoNce } from '../objectives/info-nce.ts';
import { sameImage } from '../objectives/relation.ts';
import { sigLip } from '../objectives/siglip.ts';
import { objectivesOf, stageAt } from '../stages.ts';
import { vseStages } from './stages.ts';

const lossOf = (flags: Record<string, string | boolean>): EngineValues['loss'] =>
  resolve(engineSchema, { flags: { 'data.path': 'photos', ...flags } }).loss;

const size = 5;
const scores = input('scores', [size, size]);
const same = sameImage(constant([0, 1, 1, 2, 3], [size], 'int32'));
const scene = { scores, sameImage: same } as Scene;
const feeds = new Map([['scores', normalValue([size, size], 'vse')]]);
const numberOf = (loss: Tensor): number => evaluate([loss], feeds)[0].data[0];

/** The loss of each stage, with the parameters at their first values. */
function losses(flags: Record<string, string | boolean>): number[] {
  return vseStages(lossOf(flags), 10).map(({ weighted: [{ objective, weight }] }) => {
    const first = Object.entries(objective.parameters).map(([name, spec]) => {
      const { value } = (spec as { init: { value: number } }).init;
      return [name, constant([value], [])] as const;
    });
    const { loss, memory } = objective.term(Object.fromEntries(first), {}, {}, scene);
    expect(memory).toEqual({});
    return weight * numberOf(loss);
  });
}

test('hinge-hardest begins with epochs over all negatives, under one name', () => {
  const stages = vseStages(lossOf({ 'loss.kind': 'hinge-hardest', 'loss.warmupEpochs': '1.5' }), 10);
  expect(stages.map(({ name, from }) => [name, from])).toEqual([
    ['all-negatives', 0],
    ['hardest-negatives', 15],
  ]);
  expect(objectivesOf(stages).map(({ name }) => name)).toEqual(['hinge']);
  expect([0, 14, 15, 1000].map((step) => stageAt(stages, step).from)).toEqual([0, 0, 15, 15]);
  const margin = 0.3;
  expect(losses({ 'loss.kind': 'hinge-hardest', 'loss.margin': '0.3' })).toEqual(
    (['all', 'hardest'] as const).map((negatives) => numberOf(hinge(scores, same, { margin, negatives }).loss)),
  );
});

test('without a warm-up the hardest negatives count from the first step', () => {
  const stages = vseStages(lossOf({ 'loss.kind': 'hinge-hardest', 'loss.warmupEpochs': '0' }), 10);
  expect(stages.map(({ name, from }) => [name, from])).toEqual([['hardest-negatives', 0]]);
});

test.each([
  ['learnt', true],
  ['fixed', false],
])('the temperature is %s', (_, learnTemperature) => {
  const flags = { 'loss.temperature': '0.25', 'loss.learnTemperature': learnTemperature };
  expect(losses({ ...flags, 'loss.kind': 'infonce' })[0]).toBeCloseTo(numberOf(infoNce(scores, same, 4).loss), 6);
  const [sigmoid] = losses({ ...flags, 'loss.kind': 'siglip', 'loss.bias': '-3' });
  expect(sigmoid).toBeCloseTo(numberOf(sigLip(scores, same, 4, -3).loss), 6);
  const parametersOf = (kind: string): string[] =>
    Object.keys(objectivesOf(vseStages(lossOf({ ...flags, 'loss.kind': kind }), 10))[0].parameters);
  expect(parametersOf('infonce')).toEqual(learnTemperature ? ['logScale'] : []);
  expect(parametersOf('siglip')).toEqual(learnTemperature ? ['logScale', 'bias'] : ['bias']);
  expect(parametersOf('hinge-sum')).toEqual([]);
});
