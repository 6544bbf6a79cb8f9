import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/temporary.ts';
import type { NamedTensors } from '../engine.ts';
import { checkpointFolder, listCheckpoints, tidyCheckpoints } from './folder.ts';
import { kept, pruneCheckpoints } from './keep.ts';
import type { Checkpoint } from './manifest.ts';
import { loadCheckpoint, setAsideAfter } from './read.ts';
import { writeCheckpoint } from './write.ts';

function checkpointAt(step: number, best = step): Checkpoint {
  return {
    format: 1,
    step,
    epoch: Math.floor(step / 10),
    index: step % 10,
    epochLength: 10,
    best: { step: best, rsum: 1 / 3 },
    evaluations: [{ step: best, rsum: 1 / 3 }],
    pending: { steps: 3, sums: { loss: 0.1 + 0.2 } },
    logs: { metrics: 12 },
    fingerprint: 'f'.repeat(64),
    versions: { diptych: '0', node: '0', onnxruntime: '0' },
  };
}

function stateAt(step: number): NamedTensors {
  return new Map([
    ['params.a', { dtype: 'float32' as const, shape: [2, 2], data: Float32Array.of(step, -0, 1e-45, Number.NaN) }],
    ['queue.ids', { dtype: 'int32' as const, shape: [3], data: Int32Array.of(-1, 2 ** 31 - 1, step) }],
    ['queue.bytes', { dtype: 'uint8' as const, shape: [1], data: Uint8Array.of(255) }],
    ['queue.full', { dtype: 'bool' as const, shape: [], data: Uint8Array.of(1) }],
    ['queue.empty', { dtype: 'float32' as const, shape: [0, 4], data: new Float32Array(0) }],
  ]);
}

async function runWith(...steps: number[]): Promise<string> {
  const run = temporaryFolder();
  for (const step of steps) await writeCheckpoint(run, checkpointAt(step), stateAt(step));
  return run;
}

/** A tensor's bits, so that -0 and NaN count. */
function bits(state: NamedTensors): Record<string, unknown> {
  return Object.fromEntries(
    [...state].sort().map(([name, { dtype, shape, data }]) => {
      return [
        name,
        { dtype, shape, bytes: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex') },
      ];
    }),
  );
}

describe('saving and loading', () => {
  test('gives back every bit', async () => {
    const run = await runWith(7);
    const { checkpoint, state, folder } = await loadCheckpoint(run, 'last');
    expect(checkpoint).toEqual(checkpointAt(7));
    expect(bits(state)).toEqual(bits(stateAt(7)));
    expect(folder).toBe(checkpointFolder(run, 7));
    expect(readdirSync(folder).sort()).toEqual(['checkpoint.json', 'state.safetensors']);
  });

  test('the same moment is the same files', async () => {
    const [a, b] = [await runWith(7), await runWith(7)];
    for (const name of ['checkpoint.json', 'state.safetensors']) {
      expect(readFileSync(join(checkpointFolder(a, 7), name))).toEqual(
        readFileSync(join(checkpointFolder(b, 7), name)),
      );
    }
  });

  test('last, best and a step are found; others are missing', async () => {
    const run = await runWith(100_000_000, 5, 20);
    expect(await listCheckpoints(run)).toEqual([5, 20, 100_000_000]);
    await writeCheckpoint(run, checkpointAt(30, 20), stateAt(30));
    await writeCheckpoint(run, checkpointAt(200_000_000, 5), stateAt(30));
    expect((await loadCheckpoint(run, 'last')).checkpoint.step).toBe(200_000_000);
    expect((await loadCheckpoint(run, 'best')).checkpoint.step).toBe(5);
    expect((await loadCheckpoint(run, 20)).checkpoint.step).toBe(20);
    await expect(loadCheckpoint(run, 6)).rejects.toThrow('no checkpoint of step 6');
    await expect(loadCheckpoint(temporaryFolder(), 'last')).rejects.toMatchObject({
      code: 'DIPTYCH_CHECKPOINT_MISSING',
    });
    await expect(loadCheckpoint(temporaryFolder(), 'best')).rejects.toThrow('no checkpoint (best)');
  });

  test('one of the same step is replaced as a whole', async () => {
    const run = await runWith(7);
    await writeCheckpoint(run, { ...checkpointAt(7), epoch: 99 }, stateAt(8));
    const { checkpoint, state } = await loadCheckpoint(run, 'last');
    expect(checkpoint.epoch).toBe(99);
    expect(bits(state)).toEqual(bits(stateAt(8)));
    expect(readdirSync(join(run, 'checkpoints'))).toEqual(['step-00000007']);
  });
});

describe('damage', () => {
  test('of any single byte is found', async () => {
    const run = await runWith(1, 2);
    const folder = checkpointFolder(run, 2);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('checkpoint.json', 'state.safetensors'),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 255 }),
        async (name, where, flip) => {
          const path = join(folder, name);
          const whole = readFileSync(path);
          const broken = Buffer.from(whole);
          broken[Math.floor(where * whole.length)] ^= flip;
          writeFileSync(path, broken);
          try {
            const same = name === 'checkpoint.json' && sameJson(whole, broken);
            if (same) await loadCheckpoint(run, 'last');
            else
              await expect(loadCheckpoint(run, 'last')).rejects.toMatchObject({
                code: 'DIPTYCH_CHECKPOINT_DAMAGED',
                fields: { path: folder, earlier: 1 },
              });
          } finally {
            writeFileSync(path, whole);
          }
        },
      ),
      { numRuns: 200 },
    );
    await loadCheckpoint(run, 'last');
  });

  test('of whole files: cut off, gone, of another checkpoint, of another version', async () => {
    const run = await runWith(1, 2);
    const damages: [(folder: string) => void, RegExp][] = [
      [(folder) => truncateSync(join(folder, 'state.safetensors'), 20), /has 20 bytes instead of/],
      [(folder) => truncateSync(join(folder, 'checkpoint.json'), 20), /not JSON/],
      [(folder) => renameSync(join(folder, 'state.safetensors'), join(folder, 'gone')), /no such file/],
      [(folder) => renameSync(join(folder, 'checkpoint.json'), join(folder, 'gone')), /no such file/],
      [
        (folder) => cpSync(join(checkpointFolder(run, 1), 'state.safetensors'), join(folder, 'state.safetensors')),
        /does not match its checksum/,
      ],
      [
        (folder) =>
          writeFileSync(
            join(folder, 'checkpoint.json'),
            readFileSync(join(folder, 'checkpoint.json'), 'utf8').replace('"format": 1', '"format": 2'),
          ),
        /format/,
      ],
    ];
    for (const [damage, reason] of damages) {
      const folder = checkpointFolder(run, 2);
      cpSync(folder, join(run, 'kept'), { recursive: true });
      damage(folder);
      await expect(loadCheckpoint(run, 'last')).rejects.toMatchObject({
        code: 'DIPTYCH_CHECKPOINT_DAMAGED',
        message: expect.stringMatching(reason),
        fields: { earlier: 1 },
      });
      cpSync(join(run, 'kept'), folder, { recursive: true });
    }
    expect((await loadCheckpoint(run, 'last')).checkpoint.step).toBe(2);
  });

  test('an earlier one is loaded when it is asked for, and the later ones can be set aside', async () => {
    const run = await runWith(1, 2, 3);
    truncateSync(join(checkpointFolder(run, 3), 'state.safetensors'), 0);
    expect((await loadCheckpoint(run, 2)).checkpoint.step).toBe(2);
    const aside = await setAsideAfter(run, 1);
    expect(aside.map((folder) => existsSync(join(folder, 'checkpoint.json')))).toEqual([true, true]);
    expect(await listCheckpoints(run)).toEqual([1]);
  });
});

describe('what a killed process left', () => {
  test('goes, and a checkpoint that was making way for another comes back', async () => {
    const run = await runWith(1, 2);
    const folder = join(run, 'checkpoints');
    for (const name of ['new-abc', 'old-step-00000009']) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'state.safetensors'), 'half');
    }
    renameSync(checkpointFolder(run, 2), join(folder, 'replaced-step-00000002'));
    cpSync(checkpointFolder(run, 1), join(folder, 'replaced-step-00000001'), { recursive: true });
    await tidyCheckpoints(run);
    expect(readdirSync(folder).sort()).toEqual(['step-00000001', 'step-00000002']);
    expect((await loadCheckpoint(run, 'last')).checkpoint.step).toBe(2);
  });
});

describe('keeping', () => {
  test('the last few and the best stay', async () => {
    const run = await runWith(1, 2, 3, 4, 5);
    await pruneCheckpoints(run, 2, 2);
    expect(await listCheckpoints(run)).toEqual([2, 4, 5]);
    await pruneCheckpoints(run, 1, undefined);
    expect(await listCheckpoints(run)).toEqual([5]);
    expect(readdirSync(join(run, 'checkpoints'))).toEqual(['step-00000005']);
  });

  test('never removes the newest or the best, and keeps no more than k and one', () => {
    const steps = fc.uniqueArray(fc.nat(50), { minLength: 1 }).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 6 }), fc.option(fc.nat(50), { nil: undefined }), (list, k, best) => {
        const stay = kept(list, k, best);
        expect(stay).toContain(list.at(-1));
        if (best !== undefined && list.includes(best)) expect(stay).toContain(best);
        expect(stay.length).toBeLessThanOrEqual(k + 1);
        expect(stay.length).toBeGreaterThanOrEqual(Math.min(k, list.length));
      }),
    );
  });
});

/** A changed byte may leave the JSON as it was: a space that became a line break. */
function sameJson(a: Buffer, b: Buffer): boolean {
  try {
    return JSON.stringify(JSON.parse(a.toString())) === JSON.stringify(JSON.parse(b.toString('utf8')));
  } catch {
    return false;
  }
}
