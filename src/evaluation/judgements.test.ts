import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDiptychError } from '../errors/error.ts';
import { Random } from '../random/random.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { kendall } from './correlation.ts';
import { evaluateJudgements, readJudgements } from './judgements.ts';

const expert = [
  'a.jpg\tb.jpg#2\t1\t1\t2',
  'a.jpg\ta.jpg#2\t4\t4\t4',
  'b.jpg\tc.jpg#2\t2\t3\t2',
  'c.jpg\ta.jpg#2\t1\t1\t1',
  'c.jpg\tb.jpg#2\t3\t4\t3',
];

const crowd = [
  'a.jpg\tb.jpg#2\t0\t0\t3',
  'a.jpg\ta.jpg#2\t1\t3\t0',
  'b.jpg\tc.jpg#2\t0.333333333333\t1\t2',
  'b.jpg\ta.jpg#2\t0.25\t1\t3',
  'c.jpg\tb.jpg#2\t0.666666666667\t2\t1',
];

const scores: Record<string, number> = {
  'a.jpg b.jpg#2': 0.1,
  'a.jpg a.jpg#2': 0.9,
  'b.jpg c.jpg#2': 0.5,
  'c.jpg a.jpg#2': 0.2,
  'c.jpg b.jpg#2': 0.3,
  'b.jpg a.jpg#2': 0.4,
};
const scoreOf = (image: string, caption: string): number | undefined => scores[`${image} ${caption}`];

function file(content: string | Uint8Array): string {
  const path = join(temporaryFolder(), 'judgements.txt');
  writeFileSync(path, content);
  return path;
}

describe('expert grades', () => {
  test('three points a pair, own captions left out, tau-c', async () => {
    const result = await evaluateJudgements(file(`${expert.join('\n')}\n`), scoreOf);
    const x = [0.1, 0.1, 0.1, 0.5, 0.5, 0.5, 0.2, 0.2, 0.2, 0.3, 0.3, 0.3];
    const y = [1, 1, 2, 2, 3, 2, 1, 1, 1, 3, 4, 3];
    const { tauB, tauC } = kendall(x, y);
    expect(result).toEqual({
      format: 'expert',
      statistic: 'tauC',
      tauB,
      tauC,
      pairs: 4,
      points: 12,
      ownPairs: 1,
      quarantined: [],
    });
    expect(tauC).toBeGreaterThan(0.3);
  });
});

describe('crowd fractions', () => {
  test('own captions kept, as is conventional, and told apart; tau-b', async () => {
    const result = await evaluateJudgements(file(crowd.join('\r\n')), scoreOf);
    const all = kendall([0.1, 0.9, 0.5, 0.4, 0.3], [0, 1, 1 / 3, 0.25, 2 / 3]);
    const foreign = kendall([0.1, 0.5, 0.4, 0.3], [0, 1 / 3, 0.25, 2 / 3]);
    expect(result).toMatchObject({
      format: 'crowd',
      statistic: 'tauB',
      tauB: all.tauB,
      tauC: all.tauC,
      pairs: 5,
      points: 5,
      ownPairs: 1,
      withoutOwn: { tauB: foreign.tauB, tauC: foreign.tauC, pairs: 4 },
    });
  });
});

test('a model without an opinion: not defined, and no NaN', async () => {
  const result = await evaluateJudgements(file(expert.join('\n')), () => 0.25);
  expect(result).toMatchObject({ tauB: null, tauC: null, pairs: 4 });
});

describe('bad lines are quarantined with their place, the rest counts', () => {
  test.each([
    ['too few columns', 'a.jpg\tb.jpg#2\t1\t2'],
    ['too many columns', 'a.jpg\tb.jpg#2\t1\t2\t3\t4'],
    ['a grade of 5', 'x.jpg\tb.jpg#2\t1\t5\t3'],
    ['a grade of 0', 'x.jpg\tb.jpg#2\t0\t1\t3'],
    ['a word', 'x.jpg\tb.jpg#2\tgood\t1\t3'],
    ['an empty name', '\tb.jpg#2\t1\t1\t3'],
    ['spaces for tabs', 'x.jpg b.jpg#2 1 1 3'],
    ['a line of the other format', 'x.jpg\tb.jpg#2\t0.5\t2\t2'],
    ['a pair judged before', expert[0]],
  ])('%s', async (_, line) => {
    const path = file([...expert, '', line].join('\n'));
    const { judgements, quarantined } = await readJudgements(path);
    expect(judgements).toHaveLength(expert.length);
    expect(quarantined).toEqual([{ file: path, line: 7, id: expect.any(String), reason: expect.any(String) }]);
  });

  test.each([
    ['a fraction that its counts deny', 'x.jpg\tb.jpg#2\t0.9\t1\t2'],
    ['no votes', 'x.jpg\tb.jpg#2\t0\t0\t0'],
    ['negative votes', 'x.jpg\tb.jpg#2\t0.5\t-1\t-1'],
    ['a line of the other format', 'x.jpg\tb.jpg#2\t1\t2\t3'],
  ])('crowd: %s', async (_, line) => {
    const path = file([line, ...crowd].join('\n'));
    const { format, quarantined } = await readJudgements(path);
    expect(format).toBe('crowd');
    expect(quarantined).toMatchObject([{ line: 1, id: 'x.jpg b.jpg#2' }]);
  });

  test('bytes that are not UTF-8', async () => {
    const path = file(
      Buffer.concat([Buffer.from('x\xff.jpg\ty#2\t1\t1\t1\n', 'latin1'), Buffer.from(expert.join('\n'))]),
    );
    const { judgements, quarantined } = await readJudgements(path);
    expect(judgements).toHaveLength(expert.length);
    expect(quarantined).toMatchObject([{ line: 1 }]);
  });

  test('pairs without a score', async () => {
    const result = await evaluateJudgements(file([...expert, 'z.jpg\tb.jpg#2\t1\t1\t1'].join('\n')), scoreOf);
    expect(result.pairs).toBe(4);
    expect(result.quarantined).toMatchObject([
      { line: 6, id: 'z.jpg b.jpg#2', reason: 'not among the evaluated pairs' },
    ]);
  });
});

describe('refused', () => {
  test.each(['', '\n\n', 'image\tcaption\tscore\n', 'a.jpg,b.jpg#2,1,1,2'])(
    'a file without a judgement: %j',
    async (content) => {
      const fault = await readJudgements(file(content)).catch((error: unknown) => error);
      expect(isDiptychError(fault, 'DIPTYCH_EVALUATION_JUDGEMENTS_FORMAT')).toBe(true);
    },
  );

  test('judgements of another split', async () => {
    await expect(evaluateJudgements(file(expert.join('\n')), () => undefined)).rejects.toThrow('none of its 5 pairs');
  });

  test('no file', async () => {
    const fault = await readJudgements(join(temporaryFolder(), 'none.txt')).catch((error: unknown) => error);
    expect(isDiptychError(fault, 'DIPTYCH_FILE_MISSING')).toBe(true);
  });
});

test('either format comes back as it was written; every line is a judgement or is quarantined', async () => {
  const name = fc.stringMatching(/^[a-z0-9_]{1,8}$/);
  const expertLine = fc
    .tuple(name, name, fc.tuple(...Array.from({ length: 3 }, () => fc.integer({ min: 1, max: 4 }))))
    .map(([image, caption, grades]) => ({ image, caption: `${caption}#2`, grades, columns: grades.join('\t') }));
  const crowdLine = fc
    .tuple(name, name, fc.nat(6), fc.nat(6))
    .filter(([, , yes, no]) => yes + no > 0)
    .map(([image, caption, yes, no]) => ({
      image,
      caption: `${caption}#2`,
      grades: [Number((yes / (yes + no)).toFixed(2))],
      columns: `${(yes / (yes + no)).toFixed(2)}\t${yes}\t${no}`,
    }));
  const lines = fc.oneof(
    fc.tuple(fc.constant('expert'), fc.array(expertLine, { minLength: 1 })),
    fc.tuple(fc.constant('crowd'), fc.array(crowdLine, { minLength: 1 })),
  );
  const path = file('');
  await fc.assert(
    fc.asyncProperty(lines, fc.array(fc.string({ unit: 'binary' })), async ([format, good], noise) => {
      const unique = [...new Map(good.map((line) => [`${line.image}\t${line.caption}`, line])).values()];
      const rows = unique.map(({ image, caption, columns }) => `${image}\t${caption}\t${columns}`);
      const rubbish = noise.map((text) => `${text.replaceAll(/[\r\n\t]/g, ' ')}!`);
      writeFileSync(path, new Random(rows.length).shuffle([...rows, ...rubbish]).join('\n'));
      const found = await readJudgements(path);
      expect(found.format).toBe(format);
      const key = (row: { image: string; caption: string }) => `${row.image}\t${row.caption}`;
      const byKey = (a: { image: string; caption: string }, b: { image: string; caption: string }) =>
        key(a) < key(b) ? -1 : 1;
      expect(
        found.judgements.toSorted(byKey).map(({ image, caption, grades }) => ({ image, caption, grades })),
      ).toEqual(unique.toSorted(byKey).map(({ image, caption, grades }) => ({ image, caption, grades })));
      expect(found.quarantined).toHaveLength(rubbish.length);
    }),
    { numRuns: 60 },
  );
});
