import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Random } from '../random/random.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { listCheckpoints } from './checkpoint/folder.ts';
import { frameEnds } from './logs/tensorboard.ts';
import { traceOf } from './testing/files.ts';
import { start } from './testing/spawn.ts';
import { runTrial, type Trial } from './testing/task.ts';

const startTraining = (trial: Trial) => start('./train', JSON.stringify(trial));

describe('kill -9', () => {
  test('at random moments, resumed until the end, equals a run that was never killed, bit for bit', async () => {
    const trial = { steps: 210, saveEvery: 3, evaluateEvery: 30, keepLast: 3, logEvery: 2, unique: true };
    const whole = temporaryFolder();
    await runTrial({ folder: whole, ...trial });
    const folder = join(temporaryFolder(), 'run');

    const random = new Random('kill', process.pid);
    for (let kills = 0; kills < 6; kills++) {
      const resume = kills > 0;
      const training = startTraining({ folder, ...trial, resume, pause: { step: 2, evaluation: 5 } });
      await training.says(resume ? 'note: ' : 'step 1.');
      // A save every 3 steps takes about as long as the steps: kills fall into all parts of both.
      await setTimeout(random.integer(120));
      training.child.kill('SIGKILL');
      expect(await training.ended).toBe('SIGKILL');
    }
    await runTrial({ folder, ...trial, resume: true });
    expect(traceOf(folder)).toEqual(traceOf(whole));
    for (const [path, ends] of [
      ['timings.jsonl', (content: Buffer) => content.toString().split('\n')],
      ['tensorboard/events.out.tfevents.diptych', frameEnds],
    ] as const) {
      expect(ends(readFileSync(join(folder, path))).length).toBe(ends(readFileSync(join(whole, path))).length);
    }
  });
});

describe('signals', () => {
  test('finish the step, save and end with 130 or 143; the resumed run equals one without them', async () => {
    const whole = temporaryFolder();
    await runTrial({ folder: whole });
    const folder = join(temporaryFolder(), 'run');
    for (const [signal, exit, resume] of [
      ['SIGINT', 130, false],
      ['SIGTERM', 143, true],
    ] as const) {
      const training = startTraining({ folder, resume, pause: { step: 30 } });
      await training.says(resume ? 'step 25.' : 'step 5.');
      training.child.kill(signal);
      expect(await training.ended).toBe(exit);
      expect(training.output()).toContain(`stopping on ${signal}`);
      const { steps, ended } = JSON.parse(/result: (.*)/.exec(training.output())![1]);
      expect(ended).toBe('interrupted');
      expect((await listCheckpoints(folder)).at(-1)).toBe(steps);
      expect(training.output()).toContain(`step ${steps}.`);
      expect(training.output()).not.toContain(`step ${steps + 1}.`);
    }
    await runTrial({ folder, resume: true });
    expect(traceOf(folder).metrics).toEqual(traceOf(whole).metrics);
    const [found, expected] = [traceOf(folder).checkpoints, traceOf(whole).checkpoints];
    for (const name of ['state.safetensors', 'checkpoint.json']) {
      expect(found[`step-00000060/${name}`]).toBe(expected[`step-00000060/${name}`]);
    }
  });
});

describe('two runs on one folder', () => {
  test('the second is refused with the process of the first, which is not disturbed', async () => {
    const folder = join(temporaryFolder(), 'run');
    const first = startTraining({ folder, steps: 10_000, pause: { step: 25 } });
    await first.says('step 1.');
    for (const resume of [false, true]) {
      const second = startTraining({ folder, steps: 10_000, resume });
      expect(await second.ended).toBe(1);
      expect(second.output()).toContain(`DIPTYCH_RUN_LOCKED: ${folder}: process ${first.child.pid} on `);
    }
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(143);
    expect((await listCheckpoints(folder)).length).toBeGreaterThan(0);
  });
});
