/** @file The demo, small: everything from drawing to contact sheets, as its own process, and as one line for programs. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { demoQueries } from '../../demo/queries.ts';
import { diptych } from '../../testing/diptych.ts';
import { temporaryFolder } from '../../testing/temporary.ts';

const small = ['--scenes', '60', '--held-out', '24', '--epochs', '1'];

describe('demo', () => {
  test('draws, trains, measures, indexes and answers; a second one replaces the first', async () => {
    const folder = join(temporaryFolder(), 'demo');
    const run = () => diptych(['demo', '--folder', folder, ...small, '--json']);
    const { code, stdout, stderr } = await run();
    expect(code, stderr).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    const { rsum, chanceRsum, seconds, queries } = JSON.parse(lines[0]);
    expect(rsum).toBeGreaterThan(0);
    expect(chanceRsum).toBeGreaterThan(0);
    expect(seconds).toBeGreaterThan(0);
    expect(queries.map(({ text }: { text: string }) => text)).toEqual(demoQueries.map(({ text }) => text));
    for (const { topId, hit } of queries) {
      expect(topId).toMatch(/^val-\d{5}\.png$/);
      expect(typeof hit).toBe('boolean');
    }
    expect(readdirSync(join(folder, 'sheets')).filter((name) => name.endsWith('.html'))).toHaveLength(
      demoQueries.length,
    );
    expect(existsSync(join(folder, 'bundle', 'image.onnx'))).toBe(true);

    const again = await run();
    expect(again.code, again.stderr).toBe(0);
    // The same seed draws, trains and answers the same.
    const { seconds: _, ...second } = JSON.parse(again.stdout);
    expect(second).toEqual({ rsum, chanceRsum, queries });
  }, 180_000);

  test('keeps its hands off a folder that no demo made', async () => {
    const folder = join(temporaryFolder(), 'mine');
    mkdirSync(folder);
    writeFileSync(join(folder, 'novel.txt'), 'chapter one');
    const { code, stderr } = await diptych(['demo', '--folder', folder, ...small]);
    expect(code).toBe(1);
    expect(stderr).toContain('DIPTYCH_DEMO_FOLDER');
    expect(readdirSync(folder)).toEqual(['novel.txt']);
  });
});
