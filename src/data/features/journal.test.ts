/** @file The journal of an unfinished file: cut anywhere, it is what it was at some earlier moment. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/temporary.ts';
import { preprocessingSchema } from '../images/preprocessing.ts';
import { Journal, type JournalHead } from './journal.ts';
import { idsFingerprint } from './sidecar.ts';
import { viewOf } from './views.ts';

const head: JournalHead = {
  plan: {
    backbone: 'b',
    preprocessing: preprocessingSchema.parse({ resize: { width: 8, height: 8 } }),
    dtype: 'float16',
    views: 0,
    seed: 0,
    images: 'i',
  },
  piece: 8,
  output: 'o',
  regions: 4,
  dimension: 6,
};

async function written(path: string): Promise<void> {
  const journal = await Journal.begin(path, head);
  const synced = async (): Promise<void> => {};
  for (const piece of [0, 2, 1, 5]) {
    journal.note(piece, piece === 2 ? [[17, 'größer als erlaubt']] : []);
    await journal.flush(synced);
  }
}

test('what was flushed is there again, and goes on', async () => {
  const path = join(temporaryFolder(), 'journal.jsonl');
  await written(path);
  const journal = await Journal.resume(path);
  expect(journal?.head).toEqual(head);
  expect([...(journal?.done ?? [])]).toEqual([0, 2, 1, 5]);
  expect([...(journal?.refused ?? [])]).toEqual([[17, 'größer als erlaubt']]);
  expect(await Journal.resume(join(path, '..', 'absent'))).toBeUndefined();
});

test('rows are synced before the journal names them; what was not flushed is not named', async () => {
  const path = join(temporaryFolder(), 'journal.jsonl');
  const journal = await Journal.begin(path, head);
  journal.note(3, []);
  let namedBefore = '';
  await journal.flush(async () => {
    namedBefore = readFileSync(path, 'utf8');
    journal.note(4, []);
  });
  expect(namedBefore).not.toContain('[3]');
  expect(readFileSync(path, 'utf8')).toContain('"done":[3]');
  const again = await Journal.resume(path);
  expect([...(again?.done ?? [])]).toEqual([3]);
});

test('cut or overwritten at any byte, it holds a part of what it held, and takes more', async () => {
  const path = join(temporaryFolder(), 'journal.jsonl');
  await written(path);
  const whole = readFileSync(path);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length), fc.boolean(), async (place, garbage) => {
      writeFileSync(path, whole);
      truncateSync(path, place);
      if (garbage) writeFileSync(path, 'x\u0000{', { flag: 'a' });
      const journal = await Journal.resume(path);
      if (journal === undefined) {
        expect(place).toBeLessThan(whole.indexOf('\n') + 1);
        return;
      }
      const kept = [...journal.done];
      expect([0, 2, 1, 5].slice(0, kept.length)).toEqual(kept);
      journal.note(9, []);
      await journal.flush(async () => {});
      const again = await Journal.resume(path);
      expect([...(again?.done ?? [])]).toEqual([...kept, 9]);
    }),
  );
});

test('views are a function of seed, image and number; parts lie within the picture and take 50 to 90 % of it', () => {
  let mirrored = 0;
  fc.assert(
    fc.property(fc.nat(), fc.string(), fc.integer({ min: 2, max: 50 }), (seed, id, number) => {
      const view = viewOf(seed, id, number);
      expect(viewOf(seed, id, number)).toEqual(view);
      const area = view.width * view.height;
      expect(area).toBeGreaterThanOrEqual(0.5 - 1e-12);
      expect(area).toBeLessThanOrEqual(0.9 + 1e-12);
      expect(Math.min(view.left, view.top)).toBeGreaterThanOrEqual(0);
      expect(Math.max(view.left + view.width, view.top + view.height)).toBeLessThanOrEqual(1 + 1e-12);
      expect(viewOf(seed + 1, id, number)).not.toEqual(view);
      expect(viewOf(seed, `${id}x`, number)).not.toEqual(view);
      expect(viewOf(seed, id, number + 1)).not.toEqual(view);
    }),
  );
  for (let i = 0; i < 1000; i++) mirrored += viewOf(1, `${i}`, 2).mirrored ? 1 : 0;
  expect(mirrored).toBeGreaterThan(430);
  expect(mirrored).toBeLessThan(570);
  expect([viewOf(0, 'a', 0), viewOf(0, 'a', 1)]).toEqual([
    { left: 0, top: 0, width: 1, height: 1, mirrored: false },
    { left: 0, top: 0, width: 1, height: 1, mirrored: true },
  ]);
});

test('fingerprints of ids cannot be confused by where one id ends', () => {
  expect(idsFingerprint(['ab', 'c'])).not.toBe(idsFingerprint(['a', 'bc']));
  expect(idsFingerprint(['a', 'b'])).not.toBe(idsFingerprint(['b', 'a']));
});
