import { cpSync, existsSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProgressReport } from '../system/progress.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { checkpointFolder, listCheckpoints } from './checkpoint/folder.ts';
import { loadCheckpoint } from './checkpoint/read.ts';
import { readTensors } from './checkpoint/tensors.ts';
import { frameEnds } from './logs/tensorboard.ts';
import { readRun } from './run/record.ts';
import { traceOf } from './testing/files.ts';
import { runTrial, type Trial } from './testing/task.ts';

function recorder() {
  const notes: string[] = [];
  const reports: ProgressReport[] = [];
  return {
    notes,
    reports,
    progress: {
      update: (report: ProgressReport) => reports.push(report),
      note: (line: string) => notes.push(line),
      finish() {},
    },
  };
}

/** A signal that is aborted once the given step is done. */
function stopAfter(step: number, reason: string) {
  const controller = new AbortController();
  const { notes, progress } = recorder();
  const update = ({ done }: ProgressReport) => done === step && controller.abort(reason);
  return { notes, signal: controller.signal, progress: { ...progress, update } };
}

function linesOf(folder: string, name = 'metrics.jsonl'): Record<string, number>[] {
  return readFileSync(join(folder, name), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

describe('a run', () => {
  test('learns, evaluates, logs and keeps what it should', async () => {
    const folder = temporaryFolder();
    const { notes, reports, progress } = recorder();
    const result = await runTrial({ folder, steps: 130, evaluateEvery: 20 }, { progress });
    expect(result).toMatchObject({ steps: 130, epochs: 130 / 12, ended: 'finished', exit: 0 });
    expect(result.seconds).toBeGreaterThan(0);

    const lines = linesOf(folder);
    const evaluations = lines.filter(({ rsum }) => rsum !== undefined);
    expect(evaluations.map(({ step }) => step)).toEqual([20, 40, 60, 80, 100, 120, 130]);
    const best = evaluations.reduce((a, b) => (b.rsum > a.rsum ? b : a));
    expect(result.best).toEqual({ step: best.step, rsum: best.rsum });
    expect(best.rsum).toBeGreaterThan(400);

    const steps = lines.filter(({ loss }) => loss !== undefined);
    expect(steps.map(({ step }) => step)).toEqual([...Array.from({ length: 18 }, (_, i) => 7 * (i + 1)), 130]);
    expect(steps.at(-1)!.loss).toBeLessThan(0.7 * steps[0].loss);
    expect(steps[0].learningRate).toBeCloseTo(0.1, 3);
    expect(steps[1].epoch).toBe(1);

    const stay = [...new Set([best.step, 120, 130])].sort((a, b) => a - b);
    expect(await listCheckpoints(folder)).toEqual(stay);
    expect((await loadCheckpoint(folder, 'best')).checkpoint.step).toBe(best.step);

    // On a busy machine a remark on waiting for data may stand between them.
    const told = notes.filter((note) => note.startsWith('epoch'));
    expect(told.length).toBe(7);
    expect(told[0]).toMatch(/^epoch 2, step 20: val rsum \d+\.?\d* \(the best so far\), accuracy 0\.\d+$/);
    expect(reports.map(({ done }) => done)).toEqual(Array.from({ length: 130 }, (_, i) => i + 1));
    expect(reports[0]).toMatchObject({ total: 130, unit: 'steps', figures: { epoch: '1/11' } });
    expect(Object.keys(reports[0].figures!)).toEqual(['epoch', 'loss', 'pairs/s', 'waiting']);
    const frames = frameEnds(readFileSync(join(folder, 'tensorboard', 'events.out.tfevents.diptych')));
    expect(frames.length).toBe(1 + lines.length + linesOf(folder, 'timings.jsonl').length);
  });

  test('makes batches while the engine computes', async () => {
    const folder = temporaryFolder();
    await runTrial({ folder, steps: 28, pause: { step: 20, batch: 20 } });
    // One behind the other, half of the time would be waiting.
    const shares = linesOf(folder, 'timings.jsonl').map(({ waiting }) => waiting);
    expect(Math.min(...shares)).toBeLessThan(0.4);
  });

  test('says once when it mostly waits for data', async () => {
    const { notes, progress } = recorder();
    await runTrial(
      { folder: temporaryFolder(), steps: 60, prefetch: 1, pause: { batch: 3 }, evaluateEvery: 100 },
      { progress },
    );
    expect(notes.filter((note) => /^\d+ % of the time goes into waiting for data/.test(note)).length).toBe(1);
  });

  test('stops early when evaluations bring nothing better', async () => {
    const folder = temporaryFolder();
    // Without learning every evaluation is as good as the first.
    const trial: Trial = { folder, steps: 100, learningRate: 0, evaluateEvery: 10, patience: 3 };
    const result = await runTrial(trial);
    expect(result).toMatchObject({ steps: 40, ended: 'early', exit: 0, best: { step: 10 } });
    expect(await listCheckpoints(folder)).toEqual([10, 30, 40]);
    expect(await runTrial({ ...trial, resume: true })).toMatchObject({ steps: 40, ended: 'early' });
  });

  test('that is over is over again when resumed', async () => {
    const folder = temporaryFolder();
    const first = await runTrial({ folder });
    const trace = traceOf(folder);
    const again = await runTrial({ folder, resume: true });
    expect(again).toMatchObject({ steps: 60, best: first.best, ended: 'finished' });
    expect(again.seconds).toBeGreaterThan(linesOf(folder, 'timings.jsonl').at(-1)!.seconds);
    expect(traceOf(folder)).toEqual(trace);
  });
});

describe('a stop', () => {
  test('in the middle saves, and the resumed run equals one that was never stopped', async () => {
    const whole = temporaryFolder();
    await runTrial({ folder: whole, keepLast: 20, unique: true });
    const expected = traceOf(whole);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }),
        async (stops) => {
          const folder = temporaryFolder();
          for (const [i, step] of stops.sort((a, b) => a - b).entries()) {
            const { signal, progress } = stopAfter(step, 'SIGTERM');
            const result = await runTrial({ folder, keepLast: 20, unique: true, resume: i > 0 }, { signal, progress });
            expect(result).toMatchObject({ steps: step, ended: 'interrupted', exit: 143 });
          }
          await runTrial({ folder, keepLast: 20, unique: true, resume: true });
          const found = traceOf(folder);
          expect(found.metrics).toEqual(expected.metrics);
          expect(found.checkpoints).toMatchObject(expected.checkpoints);
        },
      ),
      { numRuns: 15 },
    );
  });

  test('before the first step saves nothing, and the run begins again', async () => {
    const folder = temporaryFolder();
    const signal = AbortSignal.abort('SIGINT');
    expect(await runTrial({ folder }, { signal })).toMatchObject({ steps: 0, ended: 'interrupted', exit: 130 });
    expect(await listCheckpoints(folder)).toEqual([]);
    const { notes, progress } = recorder();
    expect(await runTrial({ folder, resume: true }, { progress })).toMatchObject({ steps: 60, ended: 'finished' });
    expect(notes[0]).toBe('no checkpoint was saved yet: beginning with the first step');
  });

  test('during an evaluation gives it up; it is done on resume', async () => {
    const [whole, folder] = [temporaryFolder(), temporaryFolder()];
    await runTrial({ folder: whole });
    const controller = new AbortController();
    const { progress } = recorder();
    const update = ({ done }: ProgressReport) => {
      if (done === 20) setTimeout(() => controller.abort('SIGINT'), 100);
    };
    const trial: Trial = { folder, pause: { evaluation: 20_000 } };
    const stopped = await runTrial(trial, { signal: controller.signal, progress: { ...progress, update } });
    expect(stopped).toMatchObject({ steps: 20, ended: 'interrupted', exit: 130 });
    await runTrial({ folder, resume: true });
    expect(traceOf(folder)).toEqual(traceOf(whole));
  });

  test('does not wait for a batch that does not come', async () => {
    const folder = temporaryFolder();
    const controller = new AbortController();
    setTimeout(() => controller.abort('SIGINT'), 100);
    const started = performance.now();
    expect(await runTrial({ folder, pause: { batch: 3000 } }, { signal: controller.signal })).toMatchObject({
      steps: 0,
    });
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('an extension', () => {
  test('continues the steps done and follows the new length from there', async () => {
    const folder = temporaryFolder();
    await runTrial({ folder, steps: 40 });
    await expect(runTrial({ folder, steps: 60, resume: true })).rejects.toMatchObject({ code: 'DIPTYCH_RUN_LENGTH' });
    const before = linesOf(folder);
    const result = await runTrial({ folder, steps: 60, resume: true, extend: true });
    expect(result).toMatchObject({ steps: 60, ended: 'finished' });
    expect(linesOf(folder).slice(0, before.length)).toEqual(before);
    expect((await readRun(folder)).lengths).toEqual([
      { from: 0, steps: 40 },
      { from: 40, steps: 60 },
    ]);
    // Cosine at step 40 of 60 after 5 of warm-up, where it had been near 0 at step 39 of 40.
    const last = linesOf(folder).filter(({ learningRate }) => learningRate !== undefined);
    expect(last.find(({ step }) => step === 40)!.learningRate).toBeLessThan(1e-3);
    expect(last.find(({ step }) => step === 42)!.learningRate).toBeGreaterThan(0.02);
  });
});

describe('numbers that are not finite', () => {
  test('stop the run with the step, the batch and a dump; the checkpoints stay', async () => {
    const folder = temporaryFolder();
    const poisoned = 17;
    const error = await runTrial({ folder, poisoned, saveEvery: 1, evaluateEvery: 100 }).catch((caught) => caught);
    expect(error).toMatchObject({ code: 'DIPTYCH_TRAINING_NOT_FINITE', fields: { metric: 'loss', value: Number.NaN } });
    const { step, ids, dump } = error.fields;
    expect(ids).toContain(`caption-${poisoned}`);
    expect(error.message).toContain(`step ${step}: loss is NaN on the batch [caption-`);
    expect(dump).toBe(join(folder, 'dumps', `step-${String(step).padStart(8, '0')}`));

    expect(readdirSync(dump).sort()).toEqual(['dump.json', 'feeds.safetensors', 'state.safetensors']);
    const facts = JSON.parse(readFileSync(join(dump, 'dump.json'), 'utf8'));
    expect(facts).toMatchObject({ step, metrics: { loss: 'NaN' }, configuration: { batchSize: 16 } });
    expect(facts.indices).toContain(poisoned);
    const feeds = await readTensors(join(dump, 'feeds.safetensors'));
    expect([...feeds.keys()].sort()).toEqual(['ids', 'learningRate', 'stageStarts', 'step', 'x', 'y']);
    expect(feeds.get('step')!.data[0]).toBe(step);
    expect(feeds.get('x')!.data.some(Number.isNaN)).toBe(true);
    expect((await readTensors(join(dump, 'state.safetensors'))).has('params.weight')).toBe(true);

    const { state } = await loadCheckpoint(folder, 'last');
    for (const { data } of state.values()) expect(data.every(Number.isFinite)).toBe(true);
  });

  test('of an evaluation stop it too', async () => {
    const folder = temporaryFolder();
    const attempt = runTrial({ folder, poisonedEvaluation: 40 });
    await expect(attempt).rejects.toThrow('step 40: val rsum is NaN');
    expect((await loadCheckpoint(folder, 'last')).checkpoint.step).toBe(20);
    expect(linesOf(folder).every((line) => line.rsum !== null)).toBe(true);
  });
});

describe('a damaged or foreign checkpoint', () => {
  test('is refused; an earlier one is taken when asked for, and the end is the same', async () => {
    const [whole, folder] = [temporaryFolder(), temporaryFolder()];
    await runTrial({ folder: whole });
    const { signal, progress } = stopAfter(50, 'SIGINT');
    await runTrial({ folder }, { signal, progress });
    truncateSync(join(checkpointFolder(folder, 50), 'state.safetensors'), 100);
    await expect(runTrial({ folder, resume: true })).rejects.toMatchObject({
      code: 'DIPTYCH_CHECKPOINT_DAMAGED',
      fields: { path: checkpointFolder(folder, 50), earlier: 40 },
    });
    const { notes, progress: watched } = recorder();
    await runTrial({ folder, resume: true, fromStep: 40 }, { progress: watched });
    expect(notes[0]).toContain(`set aside: ${checkpointFolder(folder, 50)}.aside-`);
    expect(notes[1]).toBe(`resumed from ${checkpointFolder(folder, 40)}: step 40 of 60, epoch 4`);
    const found = traceOf(folder);
    expect(found.metrics).toEqual(traceOf(whole).metrics);
    expect(found.checkpoints).toMatchObject(traceOf(whole).checkpoints);
  });

  test('of another configuration is refused', async () => {
    const [folder, other] = [temporaryFolder(), temporaryFolder()];
    await runTrial({ folder, steps: 20 });
    await runTrial({ folder: other, steps: 20, batchSize: 8 });
    cpSync(checkpointFolder(other, 20), checkpointFolder(folder, 20), { recursive: true });
    await expect(runTrial({ folder, steps: 20, resume: true })).rejects.toMatchObject({
      code: 'DIPTYCH_CHECKPOINT_FOREIGN',
      fields: { what: 'configuration' },
    });
  });
});

test('lost log lines are told of and do not stop the resume', async () => {
  const folder = temporaryFolder();
  await runTrial({ folder, steps: 40 });
  truncateSync(join(folder, 'timings.jsonl'), 0);
  const { notes, progress } = recorder();
  await runTrial({ folder, steps: 60, resume: true, extend: true }, { progress });
  expect(notes[1]).toMatch(/timings\.jsonl holds only 0 of 6 records; the rest is lost$/);
  expect(existsSync(checkpointFolder(folder, 60))).toBe(true);
});

describe('stages that are prepared', () => {
  const stages = { steps: 30, stages: [0, 8, 20], saveEvery: 5, keepLast: 99 } as const;
  const notesOf = async (trial: Trial) => {
    const { notes, progress } = recorder();
    await runTrial(trial, { progress });
    return notes.filter((note) => note.startsWith('prepared'));
  };

  test('are prepared when all steps before them are done, and again on resume; nothing else changes', async () => {
    const [plain, folder] = [temporaryFolder(), temporaryFolder()];
    await runTrial({ folder: plain, ...stages });
    expect(await notesOf({ folder, ...stages, prepared: true, prefetch: 6 })).toEqual([
      'prepared stage 0 after 0 steps',
      'prepared stage 1 after 8 steps',
      'prepared stage 2 after 20 steps',
    ]);
    expect(traceOf(folder).metrics).toEqual(traceOf(plain).metrics);
    const again = { folder, ...stages, prepared: true, resume: true, fromStep: 15 };
    expect(await notesOf(again)).toEqual(['prepared stage 1 after 0 steps', 'prepared stage 2 after 5 steps']);
    expect(traceOf(folder).metrics).toEqual(traceOf(plain).metrics);
  });
});
