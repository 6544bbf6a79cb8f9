import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { isDiptychError } from '../../errors/error.ts';
import { madeUp } from '../../testing/embeddings.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import type { RelevanceAgreement } from '../graded.ts';
import type { JudgementResult } from '../judgements.ts';
import { type EvaluateOptions, evaluate } from '../protocols.ts';
import { relationOf } from '../relation.ts';
import { embeddingScores } from '../scores.ts';
import { style } from './style.ts';
import { type ReportInput, writeReport } from './write.ts';

const judgements: JudgementResult = {
  format: 'crowd',
  statistic: 'tauB',
  tauB: -0.1234,
  tauC: null,
  pairs: 47_830,
  points: 47_830,
  ownPairs: 721,
  withoutOwn: { tauB: 0.2314, tauC: null, pairs: 47_109 },
  quarantined: [],
};

const relevance: RelevanceAgreement = {
  tau: null,
  imageToText: { tau: 0.3456, tauAt: { 50: 0.2718, 100: 0.5772 }, ncsAt: { 1: 0.1618 }, anchors: 54 },
  textToImage: { tau: null, tauAt: { 50: -0.1414 }, ncsAt: { 1: null }, anchors: 1234 },
};

async function input(
  options: Partial<EvaluateOptions> = {},
  name = (n: number) => `picture ${n}`,
): Promise<ReportInput> {
  const counts = Array.from({ length: 60 }, (_, image) => [5, 1, 6][image % 3]);
  const { embeddings } = madeUp(counts, 4, 1, 3);
  const relation = relationOf(
    counts.map((count, image) => ({
      id: name(image),
      captions: Array.from({ length: count }, (_, caption) => ({ id: `${name(image)}#${caption}` })),
    })),
  );
  const source = embeddingScores(embeddings);
  const evaluation = await evaluate(source, relation, {
    split: 'val',
    facts: { featureSource: 'drawn scenes', seeds: [4, 5] },
    bootstrap: { resamples: 50 },
    ...options,
  });
  return {
    title: 'A report',
    evaluation,
    source,
    relation,
    captions: relation.captionIds.map((id) => `caption ${id}`),
    pictures: counts.map(() => undefined),
  };
}

async function written(report: ReportInput, folder = temporaryFolder()) {
  const paths = await writeReport(folder, report);
  const read = (path: string): string => readFileSync(path, 'utf8');
  return { ...paths, page: read(paths.html), text: read(paths.markdown), data: JSON.parse(read(paths.json)) };
}

test('the three files hold the numbers, the protocol and what the numbers mean', async () => {
  const report = await input();
  const { page, text, data, quarantined } = await written(report);
  const { result } = report.evaluation;
  expect(data).toMatchObject(result);
  expect(data.curves.k[0]).toBe(1);
  expect(data.histogram.bins[0]).toEqual([1, 1]);
  expect(data.examples.worst[0]).toMatchObject({
    direction: 'imageToText',
    query: { id: expect.stringContaining('picture') },
  });
  expect(data.examples.worst[0].retrieved[0].text).toMatch(/^caption picture/);
  expect(quarantined).toEqual([]);
  for (const content of [page, text]) {
    for (const value of [result.rsum, result.imageToText.r1, result.textToImage.r10, result.imageToText.meanRank]) {
      expect(content).toContain(value.toFixed(1));
    }
    for (const [low, high] of [result.intervals!.rsum, result.intervals!.textToImage.r5]) {
      expect(content).toContain(`${low.toFixed(1)}–${high.toFixed(1)}`);
    }
    for (const fact of [
      result.protocol.splitHash,
      'drawn scenes',
      '4, 5',
      'against the model',
      '1 to 6, 4.0 on average',
    ]) {
      expect(content).toContain(fact);
    }
    for (const meaning of ['the percentage of queries whose rank is K or better', 'the best of its own captions']) {
      expect(content).toContain(meaning);
    }
    expect(content).not.toMatch(/undefined|NaN|\[object/);
  }
});

test('folds, judgements and relevance have their sections, and only then', async () => {
  const plain = await written(await input());
  const folded = await input({ folds: 4 });
  const full = await written({ ...folded, result: { ...folded.evaluation.result, judgements, relevance } });
  for (const content of [plain.page, plain.text]) expect(content).not.toMatch(/Folds|Agreement/);
  for (const content of [full.page, full.text]) {
    expect(content).toMatch(/Folds/);
    expect(content).toContain('cut into 4 contiguous folds');
    expect(content).toContain('−0.123');
    expect(content).toContain('not defined');
    expect(content).toContain('47,830');
    expect(content).toContain('0.231');
    for (const cell of ['0.346', 'Tau@50', '0.272', '−0.141', 'Tau@100', '0.577', 'NCS@1', '0.162', '1,234'])
      expect(content).toContain(cell);
  }
  expect(full.data.judgements).toEqual(judgements);
  expect(full.data.relevance).toEqual(relevance);
  expect(full.data.folds).toHaveLength(4);
});

describe('the page', () => {
  test('asks for nothing: no script, no link, no address, pictures inside', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'picture.png');
    await sharp({ create: { width: 40, height: 30, channels: 3, background: 'green' } }).toFile(path);
    const report = await input();
    const { page } = await written({ ...report, pictures: report.pictures.map(() => path) });
    expect(page).not.toMatch(/<(script|link|iframe|object|base)\b/i);
    expect(page).not.toMatch(/https?:|url\(|@import|srcset/i);
    const sources = Array.from(page.matchAll(/\bsrc="([^"]*)"/g), ([, source]) => source);
    expect(sources.length).toBeGreaterThan(20);
    for (const source of sources) expect(source).toMatch(/^data:image\/jpeg;base64,[A-Za-z0-9+/=]+$/);
    expect(page).toContain(`default-src 'none'`);
  });

  test('is well formed, and each drawing has a title, a description and a table of its numbers', async () => {
    const folded = await input({ folds: 3 });
    const { page } = await written({ ...folded, result: { ...folded.evaluation.result, judgements, relevance } });
    expect(unclosed(page)).toEqual([]);
    const ids = Array.from(page.matchAll(/\bid="([^"]*)"/g), ([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const labels = Array.from(page.matchAll(/aria-labelledby="([^"]*)"/g), ([, names]) => names.split(' ')).flat();
    expect(labels).toHaveLength(4);
    for (const label of labels) expect(ids).toContain(label);
    expect(page.match(/<details>/g)).toHaveLength(2);
  });

  test('cannot be broken by names, captions or titles', async () => {
    const hostile = `"><img src=x onerror=alert(1)><script>alert('x')</script>|`;
    const report = await input({ split: hostile }, (n) => `${hostile}${n}`);
    const { page, text } = await written({
      ...report,
      title: hostile,
      captions: report.captions.map(() => `${hostile}\n| a | b |`),
    });
    expect(unclosed(page)).toEqual([]);
    expect(page).not.toMatch(/<script|<img src=x/);
    expect(text).toContain('onerror');
    expect(text).not.toMatch(/(?<!\\)</);
  });

  test('shows what it can when a picture is gone, and lists the rest', async () => {
    const folder = temporaryFolder();
    const broken = join(folder, 'broken.jpg');
    writeFileSync(broken, 'x');
    const report = await input();
    const { page, quarantined } = await written({ ...report, pictures: report.pictures.map(() => broken) });
    expect(quarantined).toMatchObject([{ file: broken }]);
    expect(page).toContain('<div class="blank">picture ');
  });

  test('reads in light and in dark: text stands out from its ground by 4.5 to 1 at least', () => {
    const schemes = [...style.matchAll(/:root \{([^}]*)\}/g)].map(([, body]) =>
      Object.fromEntries(
        Array.from(body.matchAll(/--([a-z]+): (#[0-9a-f]{6});/g), ([, name, colour]) => [name, colour]),
      ),
    );
    expect(schemes).toHaveLength(2);
    for (const colours of schemes) {
      for (const text of ['ink', 'soft', 'a', 'b', 'good', 'bad']) {
        for (const ground of ['page', 'card']) expect(contrast(colours[text], colours[ground])).toBeGreaterThan(4.5);
      }
    }
  });
});

test('equal evaluations make equal files', async () => {
  const [one, two] = [await written(await input()), await written(await input())];
  expect(two.page).toBe(one.page);
  expect(two.text).toBe(one.text);
  expect(two.data).toEqual(one.data);
});

test('a split of one picture, and one without intervals, can be reported', async () => {
  const { relation, embeddings } = madeUp([2], 3, 0, 0);
  const source = embeddingScores(embeddings);
  const evaluation = await evaluate(source, relation, {
    split: 'val',
    facts: { featureSource: 'x' },
    bootstrap: false,
  });
  const { page, text, data } = await written({
    title: 'One',
    evaluation,
    source,
    relation,
    captions: ['a', 'b'],
    pictures: [undefined],
  });
  expect(unclosed(page)).toEqual([]);
  for (const content of [page, text, JSON.stringify(data)]) expect(content).not.toMatch(/NaN|Infinity|undefined/);
});

test('a folder that cannot be written is an error', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  const fault = await input()
    .then((report) => writeReport(file, report))
    .catch((error: unknown) => error);
  expect(isDiptychError(fault, 'DIPTYCH_FILE_UNWRITABLE')).toBe(true);
});

/** Tags that are left open, or closed out of turn. */
function unclosed(page: string): string[] {
  const open: string[] = [];
  for (const [tag, slash, name] of page
    .replace(/<style>[\s\S]*<\/style>/, '')
    .matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
    if (tag.endsWith('/>') || ['meta', 'img'].includes(name)) continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) return [`</${name}> closes another tag`];
  }
  return open;
}

/** Contrast ratio of WCAG 2. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string): number => {
    const [r, g, b] = [1, 3, 5].map((at) => {
      const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}
