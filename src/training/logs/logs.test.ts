import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/temporary.ts';
import { RecordFile } from './file.ts';
import { lineEnds } from './jsonl.ts';
import { evaluationLine, numberText } from './lines.ts';
import { Logs, logPaths } from './logs.ts';
import { Meter } from './meter.ts';
import type { LogRecord } from './record.ts';
import { eventFrame, frameEnds, headerFrame, maskedChecksum } from './tensorboard.ts';

const train = (step: number): LogRecord => ({ kind: 'train', step, epoch: 0, values: { loss: step / 3 } });
const timing = (step: number): LogRecord => ({ kind: 'timing', step, epoch: 0, values: { seconds: step / 2 } });
const evaluation = (step: number): LogRecord => ({ kind: 'evaluation', step, epoch: 0, values: { rsum: step } });

function metricsOf(run: string): unknown[] {
  const text = readFileSync(join(run, logPaths.metrics), 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

function framesOf(run: string): number {
  const content = readFileSync(join(run, logPaths.tensorboard));
  const ends = frameEnds(content);
  expect(ends.at(-1)).toBe(content.length);
  return ends.length;
}

describe('logs of a run', () => {
  test('go to their files, and nothing that depends on the machine is among the metrics', async () => {
    const run = temporaryFolder();
    const logs = await Logs.open(run, {});
    for (const record of [train(1), timing(1), evaluation(2)]) await logs.write(record);
    expect(await logs.sync()).toEqual({ metrics: 2, timings: 1, tensorboard: 4 });
    await logs.close();
    expect(metricsOf(run)).toEqual([
      { kind: 'train', step: 1, epoch: 0, loss: 1 / 3 },
      { kind: 'evaluation', step: 2, epoch: 0, rsum: 2 },
    ]);
    expect(readFileSync(join(run, logPaths.timings), 'utf8')).toBe(
      '{"kind":"timing","step":1,"epoch":0,"seconds":0.5}\n',
    );
    expect(framesOf(run)).toBe(4);
  });

  test('cut back to a checkpoint and written again are as if they had never been interrupted', async () => {
    const [run, whole] = [temporaryFolder(), temporaryFolder()];
    const write = async (logs: Logs, from: number, to: number) => {
      for (let step = from; step <= to; step++)
        for (const record of [train(step), timing(step)]) await logs.write(record);
    };
    const first = await Logs.open(run, {});
    await write(first, 1, 3);
    const counts = await first.sync();
    await write(first, 4, 6);
    await first.close();
    for (const path of Object.values(logPaths)) appendFileSync(join(run, path), 'half a rec');

    const second = await Logs.open(run, counts);
    expect(second.gaps).toEqual([]);
    expect(second.seconds).toBe(1.5);
    await write(second, 4, 8);
    await second.close();

    const uninterrupted = await Logs.open(whole, {});
    await write(uninterrupted, 1, 8);
    await uninterrupted.close();
    for (const path of [logPaths.metrics, logPaths.timings]) {
      expect(readFileSync(join(run, path), 'utf8')).toBe(readFileSync(join(whole, path), 'utf8'));
    }
    expect(framesOf(run)).toBe(1 + 16);
    expect(readFileSync(join(run, logPaths.tensorboard)).length).toBe(
      readFileSync(join(whole, logPaths.tensorboard)).length,
    );
  });

  test('say what is missing when they were damaged, and go on', async () => {
    const run = temporaryFolder();
    const logs = await Logs.open(run, {});
    for (let step = 1; step <= 4; step++) await logs.write(train(step));
    const counts = await logs.sync();
    await logs.close();
    const path = join(run, logPaths.metrics);
    truncateSync(path, readFileSync(path).length - 3);
    const resumed = await Logs.open(run, counts);
    expect(resumed.gaps).toEqual([`${path} holds only 3 of 4 records; the rest is lost`]);
    await resumed.write(train(5));
    expect(await resumed.sync()).toMatchObject({ metrics: 4 });
    await resumed.close();
    expect(metricsOf(run).map((record) => (record as LogRecord).step)).toEqual([1, 2, 3, 5]);
  });

  test('in a folder that is a file are a coded error', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await expect(Logs.open(file, {})).rejects.toMatchObject({ code: 'DIPTYCH_FILE_UNWRITABLE' });
  });
});

describe('record files', () => {
  test('keep whole records only, however they were cut off', async () => {
    const path = join(temporaryFolder(), 'log');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(9)), fc.nat(40), fc.nat(12), async (numbers, cut, keep) => {
        const text = numbers.map((number) => `${'x'.repeat(number)}\n`).join('');
        writeFileSync(path, text.slice(0, cut));
        const whole = text.slice(0, cut).split('\n').slice(0, -1).slice(0, keep);
        const file = await RecordFile.open(path, keep, lineEnds);
        expect(file.kept.map(String)).toEqual(whole.map((line) => `${line}\n`));
        expect(file.records).toBe(whole.length);
        await file.append('end\n');
        await file.close();
        expect(readFileSync(path, 'utf8')).toBe([...whole, 'end', ''].join('\n'));
      }),
    );
  });
});

describe('TensorBoard events', () => {
  test('checksums are the standard ones', () => {
    expect(crc32c('123456789')).toBe(0xe3069283);
  });

  // Both frames were written by TensorBoard 2.21's own RecordWriter.
  test('frames are those of TensorBoard', () => {
    expect(Buffer.from(headerFrame(1700000000.5)).toString('hex')).toBe(
      '1800000000000000a37f4b220900002040fc54d9411a0d627261696e2e4576656e743a322b353110',
    );
    const values = { loss: 1 / 3, learningRate: 0 };
    const framed = eventFrame({ kind: 'train', step: 1e9, epoch: 0, values }, 1700000001.5);
    expect(Buffer.from(framed).toString('hex')).toBe(
      '3f00000000000000516576610900006040fc54d941108094ebdc032a2e0a110a0a747261696e2f6c6f737315abaaaa3e0a190a1274726169' +
        '6e2f6c6561726e696e67526174651500000000acec2280',
    );
  });

  test('any cut or flipped byte ends the whole frames before it', () => {
    const frames = [headerFrame(0), eventFrame(train(1), 1), eventFrame(evaluation(2), 2)];
    const content = Buffer.concat(frames);
    const ends = frameEnds(content);
    expect(ends.length).toBe(3);
    for (let at = 0; at < content.length; at++) {
      const before = ends.filter((end) => end <= at);
      expect(frameEnds(content.subarray(0, at))).toEqual(before);
      const flipped = Buffer.from(content);
      flipped[at] ^= 0x10;
      expect(frameEnds(flipped).slice(0, before.length + 1)).toEqual(before);
    }
    expect(maskedChecksum(new Uint8Array())).toBe(0xa282ead8);
  });
});

describe('figures', () => {
  test('rate and waiting are over the last steps', () => {
    const meter = new Meter();
    expect([meter.pairsPerSecond, meter.waiting, meter.steady]).toEqual([0, 0, false]);
    for (let i = 0; i < 100; i++) meter.add({ pairs: 10, waited: 5, computed: 5 });
    for (let i = 0; i < 50; i++) meter.add({ pairs: 128, waited: 0.25, computed: 0.75 });
    expect(meter.steady).toBe(true);
    expect(meter.pairsPerSecond).toBe(128);
    expect(meter.waiting).toBe(0.25);
  });

  test('read like a person would say them', () => {
    expect([0.123456, 243.1234, 12345678, 1e-7].map(numberText)).toEqual(['0.1235', '243.1', '12345678', '1e-7']);
    const record: LogRecord = { kind: 'evaluation', step: 702, epoch: 2, values: { rsum: 243.1, r1: 31.25 } };
    expect(evaluationLine(record, { step: 702, rsum: 243.1 })).toBe(
      'epoch 3, step 702: val rsum 243.1 (the best so far), r1 31.25',
    );
    expect(evaluationLine(record, { step: 468, rsum: 250 })).toBe(
      'epoch 3, step 702: val rsum 243.1 (best 250 at step 468), r1 31.25',
    );
  });
});
