import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { barProgress } from './bar.ts';
import { jsonProgress } from './json.ts';
import { lineProgress } from './lines.ts';
import { durationText, figureText } from './words.ts';

test('durations and figures are short', () => {
  expect([0.4, 41, 125, 3725].map(durationText)).toEqual(['0 s', '41 s', '2 min 05 s', '1 h 02 min']);
  expect([3, 2.345, 143.21, 0.000123456].map(figureText)).toEqual(['3', '2.35', '143', '0.000123']);
});

/** A clock that is set by hand. */
function handClock(): { now: () => number; wait: (seconds: number) => void } {
  let time = 100;
  return {
    now: () => time,
    wait(seconds) {
      time += seconds;
    },
  };
}

test('plain lines come every five seconds, then every thirty, with rate and time left', () => {
  const lines: string[] = [];
  const { now, wait } = handClock();
  const progress = lineProgress((line) => lines.push(line), now);
  for (let second = 0; second <= 120; second++) {
    progress.update({ done: second * 10, total: 2000, unit: 'images', figures: { loss: 2.345, waiting: '4 %' } });
    if (second === 2) progress.note('a.jpg: truncated');
    if (second < 120) wait(1);
  }
  progress.finish();
  expect(lines[0]).toBe('a.jpg: truncated');
  expect(lines[1]).toBe('50/2000 images, 10 images/s, 3 min 15 s left, loss 2.35, waiting 4 %');
  expect(lines).toHaveLength(1 + 12 + 2 + 1);
  expect(lines.at(-1)).toBe('1200 images in 2 min 00 s, 10 images/s');
});

test('work that resumes is measured from where it began, and a second piece of work starts anew', () => {
  const lines: string[] = [];
  const { now, wait } = handClock();
  const progress = lineProgress((line) => lines.push(line), now);
  progress.update({ done: 1000, unit: 'steps' });
  wait(10);
  progress.update({ done: 1020, unit: 'steps' });
  progress.finish();
  progress.finish();
  progress.update({ done: 0, unit: 'rows' });
  wait(2);
  progress.update({ done: 10, unit: 'rows' });
  progress.finish();
  expect(lines).toEqual(['1020 steps, 2 steps/s', '1020 steps in 10 s, 2 steps/s', '10 rows in 2 s, 5 rows/s']);
});

test('a count that falls back belongs to other work, whose pace is its own', () => {
  const lines: string[] = [];
  const { now, wait } = handClock();
  const progress = lineProgress((line) => lines.push(line), now);
  progress.update({ done: 35000, unit: 'texts' });
  wait(4);
  progress.update({ done: 1, unit: 'steps' });
  wait(2);
  progress.update({ done: 5, unit: 'steps' });
  expect(lines).toEqual(['5 steps, 2 steps/s']);
});

test('JSON lines come once a second and at the end', () => {
  const lines: string[] = [];
  const { now, wait } = handClock();
  const progress = jsonProgress((line) => lines.push(line), now);
  for (let i = 0; i <= 4; i++) {
    progress.update({ done: i, total: 8, unit: 'steps', figures: { loss: 2 } });
    if (i < 4) wait(0.5);
  }
  progress.note('saved');
  progress.finish();
  const parsed = lines.map((line) => JSON.parse(line));
  expect(parsed.map(({ progress: report }) => report?.done)).toEqual([0, 2, 4, undefined, 4]);
  expect(parsed[3]).toEqual({ note: 'saved' });
  expect(parsed[2].progress).toEqual({
    done: 4,
    total: 8,
    unit: 'steps',
    figures: { loss: 2 },
    rate: 2,
    secondsLeft: 2,
    seconds: 2,
    finished: false,
  });
  expect(parsed[4].progress.finished).toBe(true);
});

/** A terminal that remembers what was written to it. */
function recordedTerminal(columns: number): { stream: NodeJS.WriteStream; text: () => string } {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return {
    stream: Object.assign(stream, {
      isTTY: true,
      columns,
      getWindowSize: () => [columns, 24],
    }) as unknown as NodeJS.WriteStream,
    text: () => chunks.join(''),
  };
}

test('a bar is drawn on a terminal, notes above it, and nothing is wider than the terminal', async () => {
  const { stream, text } = recordedTerminal(70);
  const { now, wait } = handClock();
  const progress = barProgress(stream, now);
  progress.note('before');
  progress.update({ done: 0, total: 100, unit: 'images' });
  wait(5);
  progress.update({ done: 50, total: 100, unit: 'images', figures: { note: 'x'.repeat(100) } });
  progress.note('a.jpg: truncated');
  await new Promise((resolve) => setTimeout(resolve, 300));
  wait(5);
  progress.update({ done: 100, total: 100, unit: 'images' });
  progress.finish();
  const shown = text();
  expect(shown.startsWith('before\n')).toBe(true);
  expect(shown).toContain(`${'█'.repeat(12)}${'░'.repeat(12)} 50/100 images, 10 images/s, 5 s left`);
  expect(shown).toMatch(/a\.jpg: truncated\n[^\n]*50\/100/);
  expect(shown).toContain(`${'█'.repeat(24)} 100 images in 10 s, 10 images/s`);
  const drawn = shown.split('\n').flatMap((line) => line.split('\u001b'));
  for (const piece of drawn) expect(piece.replace(/^\[[0-9;]*[A-Za-z]/, '').length).toBeLessThan(70);
});

test('without a known length the counts stand alone', () => {
  const { stream, text } = recordedTerminal(80);
  const { now, wait } = handClock();
  const progress = barProgress(stream, now);
  progress.update({ done: 3, unit: 'rows' });
  wait(1);
  progress.update({ done: 9, unit: 'rows' });
  progress.finish();
  expect(text()).toContain('9 rows in 1 s, 6 rows/s');
  expect(text()).not.toContain('░');
});
