import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '../../random/random.ts';
import { commandLine, diptych, type Ran } from '../../testing/diptych.ts';
import { killedRun } from '../../testing/kills.ts';
import { drawTinyScenes, flagsOf, tinyOptions } from '../../testing/scenes.ts';
import { traceOf } from '../../training/testing/files.ts';

const folder = mkdtempSync(join(tmpdir(), 'diptych-train-'));
const at = (name: string): string => join(folder, name);
const program = commandLine();
let words: string[];
/** Milliseconds of the uninterrupted run. */
let took: number;
/** Milliseconds that a first run may take on a busy machine. */
const PREPARING = 120_000;

const train = (...more: string[]): Promise<Ran> => diptych(['train', ...more, '--json'], { program });
const jsonOf = ({ stdout }: Ran) => JSON.parse(stdout);
const recordOf = (run: string) => JSON.parse(readFileSync(join(run, 'run.json'), 'utf8'));

beforeAll(async () => {
  words = ['--data', await drawTinyScenes(at('scenes')), ...flagsOf(tinyOptions), '--epochs', '4', '--save-every', '4'];
  const start = performance.now();
  const { code, stdout, stderr } = await train(...words, '--run', at('whole'));
  took = performance.now() - start;
  expect({ code, stderr }).toMatchObject({ code: 0 });
  writeFileSync(at('whole.stdout'), stdout);
  writeFileSync(at('whole.stderr'), stderr);
}, PREPARING);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts `train` and resolves when its first steps are reported. */
async function started(...more: string[]) {
  const child = spawn(process.execPath, [...program, 'train', ...more, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  const ended = new Promise<Ran>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (text) => {
      stderr += text;
      if (stderr.includes('"steps"')) resolve();
    });
    void ended.then(() => reject(new Error(`it ended before its first step:\n${stderr}`)));
  });
  return { child, ended };
}

test('a run prints one line of JSON, and a note of what it is about to do', () => {
  const { run, steps, epochs, seconds, best, ...rest } = JSON.parse(readFileSync(at('whole.stdout'), 'utf8'));
  expect(rest).toEqual({});
  expect({ run, steps, epochs }).toEqual({ run: at('whole'), steps: 60, epochs: 4 });
  expect(seconds).toBeGreaterThan(0);
  expect(best.rsum).toBeGreaterThan(0);
  expect(existsSync(join(at('whole'), 'checkpoints', `step-${String(best.step).padStart(8, '0')}`))).toBe(true);
  const note = readFileSync(at('whole.stderr'), 'utf8');
  expect(note).toContain('48 pictures with 240 captions (train) to learn from, 12 pictures with 60 captions (val)');
  expect(note).toMatch(/^vocabulary +\d+ ids/m);
  expect(note).toMatch(/^parameters +[\d,]+: image [\d,]+, text [\d,]+$/m);
  expect(note).toMatch(/^length +60 steps of 16 pairs; an epoch has 15, so 4 epochs; evaluated every 15 steps$/m);
  expect(note).toMatch(/^memory +training needs about/m);
  expect(note).toMatch(/^machine +cpu, 1 thread, seed 0$/m);
});

test('the record of a run repeats it, bit for bit, from any folder', async () => {
  const record = recordOf(at('whole'));
  expect(record.configuration.data.path).toBe(at('scenes'));
  expect(Object.keys(record.data).sort()).toEqual([
    'data set demo',
    'tokenizer',
    'training pictures',
    'validation pictures',
  ]);
  const again = await train('--config', join(at('whole'), 'run.json'), '--run', at('again'));
  expect(again).toMatchObject({ code: 0 });
  expect(traceOf(at('again'))).toEqual(traceOf(at('whole')));
});

test('SIGINT ends a run with 130; --resume and the folder alone carry it on, bit for bit; then it is extended', async () => {
  const { child, ended } = await started(...words, '--run', at('stopped'));
  child.kill('SIGINT');
  const stopped = await ended;
  expect(stopped.code).toBe(130);
  expect(jsonOf(stopped).steps).toBeLessThan(60);

  const changed = await train('--resume', '--run', at('stopped'), '--learning-rate', '0.1');
  expect(jsonOf(changed).error.code).toBe('DIPTYCH_RUN_CHANGED');
  expect(await train('--resume', '--run', at('stopped'))).toMatchObject({ code: 0 });
  expect(traceOf(at('stopped'))).toEqual(traceOf(at('whole')));

  const extended = await train('--resume', '--run', at('stopped'), '--extend-to', '5');
  expect(jsonOf(extended)).toMatchObject({ steps: 75, epochs: 5 });
  expect(recordOf(at('stopped')).lengths).toEqual([
    { from: 0, steps: 60 },
    { from: 60, steps: 75 },
  ]);
  expect(jsonOf(await train('--resume', '--run', at('stopped')))).toMatchObject({ steps: 75 });
});

test('a second run on a folder is refused while the first trains; SIGTERM ends that with 143', async () => {
  const { child, ended } = await started(...words, '--epochs', '400', '--run', at('taken'));
  const second = await train(...words, '--epochs', '400', '--run', at('taken'), '--resume');
  expect(second.code).toBe(1);
  expect(jsonOf(second).error.code).toBe('DIPTYCH_RUN_LOCKED');
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 143 });
  const anew = await train(...words, '--run', at('taken'));
  expect(jsonOf(anew).error.code).toBe('DIPTYCH_RUN_EXISTS');
});

test('a damaged checkpoint is refused with the step of the one before it, which --from-step takes', async () => {
  cpSync(at('whole'), at('damaged'), { recursive: true });
  const checkpoints = join(at('damaged'), 'checkpoints');
  const last = readdirSync(checkpoints).sort().at(-1)!;
  const state = join(checkpoints, last, 'state.safetensors');
  const bytes = readFileSync(state);
  bytes[bytes.length - 5] ^= 1;
  writeFileSync(state, bytes);
  const { error } = jsonOf(await train('--resume', '--run', at('damaged')));
  expect(error.code).toBe('DIPTYCH_CHECKPOINT_DAMAGED');
  expect(error.message).toMatch(/the one before it is of step 56$/);
  expect(await train('--resume', '--run', at('damaged'), '--from-step', '56')).toMatchObject({ code: 0 });
  const [found, expected] = [at('damaged'), at('whole')].map(traceOf);
  const ofLast = (checkpoints: Record<string, string>) => checkpoints[`${last}/state.safetensors`];
  expect(ofLast(found.checkpoints)).toBe(ofLast(expected.checkpoints));
  expect(found.metrics).toEqual(expected.metrics);
});

test('a number that is not finite stops the run and leaves a dump', async () => {
  const options = flagsOf({
    'optimiser.learningRate': '1e38',
    'schedule.warmupSteps': '0',
    'schedule.kind': 'constant',
  });
  const ended = await train(...words, ...options, '--run', at('burst'));
  expect(ended.code).toBe(1);
  const { error } = jsonOf(ended);
  expect(error.code).toBe('DIPTYCH_TRAINING_NOT_FINITE');
  expect(error.message).toMatch(/step \d+: \S+ is (NaN|-?Infinity) on the batch \[/);
  const [dump] = readdirSync(join(at('burst'), 'dumps'));
  expect(readdirSync(join(at('burst'), 'dumps', dump)).sort()).toEqual([
    'dump.json',
    'feeds.safetensors',
    'state.safetensors',
  ]);
});

test('what cannot be begun is refused before anything is written', async () => {
  const { error } = jsonOf(await train('--resume', '--run', at('nowhere')));
  expect(error.code).toBe('DIPTYCH_RUN_MISSING');
  const noFeatures = await train('--data', at('scenes'), '--run', at('nowhere'));
  expect(jsonOf(noFeatures).error.code).toBe('DIPTYCH_TRAINING_FEATURES');
  const tooMuch = await train(...words, '--batch-size', '1000', '--run', at('nowhere'));
  expect(jsonOf(tooMuch).error.code).toBe('DIPTYCH_TRAINING_BATCH_TOO_LARGE');
  const groups = ['--optimiser.groups', '[{"pattern":"nothing.*","frozen":true}]'];
  const pattern = await train(...words, ...groups, '--run', at('nowhere'));
  expect(jsonOf(pattern).error.code).toBe('DIPTYCH_OPTIMISER_PATTERN');
  expect(existsSync(at('nowhere'))).toBe(false);
});

test('killed at any moment and resumed, a run ends with the same checkpoints and logs', async () => {
  const reference = { folder: at('whole'), took };
  const random = new Random(3, 'kills');
  for (const name of ['first', 'second', 'third']) {
    const killed = await killedRun({ program, words, folder: at('killed') }, reference, random, name);
    expect(killed).toMatchObject({ identical: true });
  }
});
