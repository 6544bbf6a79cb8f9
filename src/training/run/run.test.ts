import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/temporary.ts';
import { type Configuration, canonicalJson, differencesOf, fingerprintOf, type Json } from './configuration.ts';
import { readRun } from './record.ts';
import { openRun, type RunOptions } from './run.ts';

const configuration = {
  model: { dimension: 512, pooling: 'gpo' },
  training: { epochs: 10, batchSize: 128, betas: [0.9, 0.999] },
  machine: { device: 'cpu', threads: 2 },
} satisfies Configuration;

function optionsFor(folder: string, change: Partial<RunOptions> = {}): RunOptions {
  return {
    folder,
    configuration,
    mayChange: ['machine', 'run'],
    lengthKeys: ['training.epochs'],
    steps: 100,
    data: { flickr: 'abc' },
    seeds: { training: 1 },
    command: ['diptych', 'train', '--epochs', '10'],
    resume: false,
    extend: false,
    ...change,
  };
}

async function begun(): Promise<string> {
  const folder = join(temporaryFolder(), 'run');
  await (await openRun(optionsFor(folder))).close();
  return folder;
}

describe('a run folder', () => {
  test('records configuration, data, seeds, versions and command', async () => {
    const folder = await begun();
    const record = await readRun(folder);
    expect(record).toMatchObject({
      format: 1,
      configuration,
      lengths: [{ from: 0, steps: 100 }],
      data: { flickr: 'abc' },
      seeds: { training: 1 },
      sessions: [{ command: ['diptych', 'train', '--epochs', '10'], pid: process.pid, changes: [] }],
    });
    expect(record.sessions[0].versions.node).toBe(process.versions.node);
    expect(record.sessions[0].versions.onnxruntime).toMatch(/^\d+\.\d+/);
    expect(readdirSync(folder)).toEqual(['run.json']);
  });

  test('is not begun twice, and not resumed before it was begun', async () => {
    const folder = await begun();
    await expect(openRun(optionsFor(folder))).rejects.toMatchObject({ code: 'DIPTYCH_RUN_EXISTS' });
    const empty = join(temporaryFolder(), 'empty');
    await expect(openRun(optionsFor(empty, { resume: true }))).rejects.toMatchObject({ code: 'DIPTYCH_RUN_MISSING' });
    expect(existsSync(empty)).toBe(false);
    await expect(openRun(optionsFor(folder))).rejects.toMatchObject({ code: 'DIPTYCH_RUN_EXISTS' });
  });

  test('is refused to a second run while the first is open', async () => {
    const folder = join(temporaryFolder(), 'run');
    const first = await openRun(optionsFor(folder));
    for (const resume of [false, true]) {
      await expect(openRun(optionsFor(folder, { resume }))).rejects.toMatchObject({
        code: 'DIPTYCH_RUN_LOCKED',
        fields: { pid: process.pid },
      });
    }
    await first.close();
    await (await openRun(optionsFor(folder, { resume: true }))).close();
  });

  test('is resumed by equal configurations, whatever the order of their keys, and notes the session', async () => {
    const folder = await begun();
    const { machine, training, model } = configuration;
    const reordered = { training: { ...training }, machine: { threads: 4, device: 'cuda' }, model };
    const resumed = await openRun(optionsFor(folder, { resume: true, configuration: reordered }));
    expect(resumed).toMatchObject({ resumed: true, steps: 100, notes: [] });
    expect(machine.threads).toBe(2);
    await resumed.close();
    expect((await readRun(folder)).sessions.map(({ changes }) => changes)).toEqual([
      [],
      ['machine.device: "cpu" became "cuda"', 'machine.threads: 2 became 4'],
    ]);
  });

  test('is refused to another configuration, naming every key that differs', async () => {
    const folder = await begun();
    const other = {
      ...configuration,
      model: { dimension: 1024, heads: 8 },
      training: { ...configuration.training, betas: [0.9, 0.98] },
    };
    await expect(openRun(optionsFor(folder, { resume: true, configuration: other }))).rejects.toMatchObject({
      code: 'DIPTYCH_RUN_CHANGED',
      fields: {
        differences: [
          'model.dimension: 512 became 1024',
          'model.heads: nothing became 8',
          'model.pooling: "gpo" became nothing',
          'training.betas: [0.9,0.999] became [0.9,0.98]',
        ],
      },
    });
    await expect(openRun(optionsFor(folder, { resume: true, seeds: { training: 2 } }))).rejects.toThrow(
      'seeds.training: 1 became 2',
    );
    await expect(openRun(optionsFor(folder, { resume: true, data: { flickr: 'abd' } }))).rejects.toMatchObject({
      code: 'DIPTYCH_RUN_DATA_CHANGED',
      fields: { differences: ['flickr: "abc" became "abd"'] },
    });
    expect((await readRun(folder)).sessions.length).toBe(1);
    await (await openRun(optionsFor(folder, { resume: true }))).close();
  });

  test('is lengthened only when told so, from its last checkpoint on, and never shortened', async () => {
    const folder = await begun();
    const longer = { ...configuration, training: { ...configuration.training, epochs: 20 } };
    const resume = (change: Partial<RunOptions>) => openRun(optionsFor(folder, { resume: true, ...change }));
    await expect(resume({ configuration: longer, steps: 200 })).rejects.toMatchObject({
      code: 'DIPTYCH_RUN_LENGTH',
      fields: { was: 100, now: 200 },
    });
    await expect(resume({ steps: 50, extend: true })).rejects.toMatchObject({ code: 'DIPTYCH_RUN_LENGTH' });
    mkdirSync(join(folder, 'checkpoints', 'step-00000060'), { recursive: true });
    const extended = await resume({ configuration: longer, steps: 200, extend: true });
    expect(extended).toMatchObject({
      steps: 200,
      lengths: [
        { from: 0, steps: 100 },
        { from: 60, steps: 200 },
      ],
    });
    await extended.close();
    const again = await resume({ configuration: longer, steps: 200 });
    expect(again).toMatchObject({ steps: 200, lengths: extended.lengths, fingerprint: extended.fingerprint });
    await again.close();
  });

  test('with a damaged record is refused', async () => {
    const folder = await begun();
    const path = join(folder, 'run.json');
    const whole = readFileSync(path, 'utf8');
    for (const damaged of ['', whole.slice(0, 40), '{}', whole.replace('"format": 1', '"format": 9')]) {
      writeFileSync(path, damaged);
      await expect(openRun(optionsFor(folder, { resume: true }))).rejects.toMatchObject({
        code: 'DIPTYCH_RUN_DAMAGED',
      });
    }
    expect(readdirSync(folder)).toEqual(['run.json']);
  });
});

describe('configurations', () => {
  test('fingerprints and differences ignore the order of keys and nothing else', () => {
    const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
    const object = fc.dictionary(fc.string({ maxLength: 3 }), value, { maxKeys: 5 });
    fc.assert(
      fc.property(object, object, (a, b) => {
        const reversed = Object.fromEntries(Object.entries(a).reverse());
        expect(fingerprintOf(reversed)).toBe(fingerprintOf(a));
        expect(differencesOf(a, reversed)).toEqual([]);
        expect(fingerprintOf(a) === fingerprintOf(b)).toBe(canonicalJson(a) === canonicalJson(b));
      }),
    );
  });
});
