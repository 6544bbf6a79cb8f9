import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readDataset } from '../data/dataset.ts';
import { folderOf } from '../data/testing/folder.ts';
import { Random } from '../random/random.ts';
import { entryPoint } from '../system/entry.ts';
import type { ProgressReport } from '../system/progress.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import type { Encoder } from './encoder.ts';
import { openIndex, versionsIn } from './index-folder.ts';
import { checkIndex, createIndex, indexInfo, removeFromIndex, updateIndex } from './manage.ts';
import { helpEncoding } from './pipeline.ts';
import { datasetSource, folderSource, listSource } from './source.ts';
import type { Row } from './store.ts';
import { colourEncoder } from './testing/encoder.ts';
import { writePicture } from './testing/pictures.ts';
import { codeOf, contentOf, errorOf } from './testing/rows.ts';

/** A folder with four pictures, two of them described. */
async function photos(): Promise<string> {
  const folder = temporaryFolder();
  await writePicture(folder, 'red.png', 'red');
  await writePicture(folder, 'sea/blue.jpg', 'blue', { width: 40, height: 30, orientation: 6 });
  await writePicture(folder, 'sea/green one.PNG', '#00ff00');
  await writePicture(folder, 'yellow.webp', 'yellow');
  writeFileSync(join(folder, 'red.txt'), 'a red square\n\nsomething red\n');
  writeFileSync(join(folder, 'yellow.txt'), 'a yellow square\n');
  return folder;
}

async function rowsOf(folder: string): Promise<Map<string, Row>> {
  const { store } = await openIndex(folder);
  const rows = await contentOf(store);
  await store.close();
  return new Map(rows.map((row) => [row.id, row]));
}

const nothing = { added: 0, changed: 0, described: 0, removed: 0, unchanged: 0 };

describe('an index of a folder', () => {
  test('holds a row for each picture, with what is known of it', async () => {
    const pictures = await photos();
    const folder = join(temporaryFolder(), 'index');
    const encoder = colourEncoder();
    const [report] = await createIndex(folder, encoder, [await folderSource(pictures)]);
    expect(report).toMatchObject({
      images: { ...nothing, added: 4 },
      captions: nothing,
      quarantined: [],
      complete: true,
    });
    const rows = await rowsOf(folder);
    expect([...rows.keys()]).toEqual(['red.png', 'sea/blue.jpg', 'sea/green one.PNG', 'yellow.webp']);
    expect(rows.get('sea/blue.jpg')!.metadata).toEqual({
      kind: 'image',
      path: join(pictures, 'sea/blue.jpg'),
      source: pictures,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      width: 30,
      height: 40,
    });
    expect(rows.get('red.png')!.metadata.captions).toEqual(['a red square', 'something red']);
    const { store } = await openIndex(folder, { fingerprint: encoder.fingerprint });
    const [red] = await encoder.encodeTexts(['red']);
    expect((await store.search(red, { k: 1 }))[0].id).toBe('red.png');
    await store.close();
  });

  test('partitions are stored together: a write waits until others have paid for it', async () => {
    const pictures = temporaryFolder();
    for (let i = 0; i < 30; i++) await writePicture(pictures, `${i}.png`, 'red');
    const folder = join(temporaryFolder(), 'index');
    const [report] = await createIndex(folder, colourEncoder(), [await folderSource(pictures)], { partition: 1 });
    expect(report.images.added).toBe(30);
    const { rows, version } = await indexInfo(folder);
    expect(rows).toBe(30);
    expect(version).toBeLessThanOrEqual(15);
  });

  test('follows its folder: adds, encodes again what changed, removes what is gone; again changes nothing', async () => {
    const pictures = await photos();
    const folder = join(temporaryFolder(), 'index');
    const encoder = colourEncoder();
    await createIndex(folder, encoder, [await folderSource(pictures)], { captions: true });
    const update = async () => updateIndex(folder, encoder, await folderSource(pictures));
    expect((await rowsOf(folder)).size).toBe(7);

    encoder.encoded.length = 0;
    const { version } = await indexInfo(folder);
    expect(await update()).toMatchObject({
      images: { ...nothing, unchanged: 4 },
      captions: { ...nothing, unchanged: 3 },
    });
    expect(encoder.encoded).toEqual([]);
    expect((await indexInfo(folder)).version).toBe(version);

    await writePicture(pictures, 'new/pink.png', 'magenta');
    await writePicture(pictures, 'red.png', '#fe0000');
    renameSync(join(pictures, 'sea/blue.jpg'), join(pictures, 'lake.jpg'));
    rmSync(join(pictures, 'yellow.webp'));
    writeFileSync(join(pictures, 'red.txt'), 'a red square\nsomething else\n');
    expect(await update()).toMatchObject({
      images: { added: 2, changed: 1, described: 0, removed: 2, unchanged: 1 },
      captions: { added: 0, changed: 1, described: 0, removed: 1, unchanged: 1 },
    });
    expect(encoder.encoded.map((input) => input.replace(`${pictures}/`, '')).sort()).toEqual([
      'lake.jpg',
      'new/pink.png',
      'red.png',
      'something else',
    ]);
    const rows = await rowsOf(folder);
    expect([...rows.keys()]).toEqual([
      'caption:red.png#0',
      'caption:red.png#1',
      'lake.jpg',
      'new/pink.png',
      'red.png',
      'sea/green one.PNG',
    ]);
    expect(rows.get('caption:red.png#1')!.metadata).toMatchObject({
      kind: 'caption',
      text: 'something else',
      image: 'red.png',
    });

    writeFileSync(join(pictures, 'lake.txt'), 'a lake\n');
    expect(await update()).toMatchObject({
      images: { described: 1, changed: 0, unchanged: 3 },
      captions: { added: 1 },
    });
    expect(await checkIndex(folder, encoder.fingerprint)).toEqual({ rows: 7, damages: [] });
  });

  test('with remove: false only grows', async () => {
    const pictures = await photos();
    const folder = join(temporaryFolder(), 'index');
    const encoder = colourEncoder();
    await createIndex(folder, encoder, [await folderSource(pictures)]);
    rmSync(join(pictures, 'red.png'));
    await writePicture(pictures, 'pink.png', 'magenta');
    const report = await updateIndex(folder, encoder, await folderSource(pictures), { remove: false });
    expect(report.images).toEqual({ ...nothing, added: 1, unchanged: 3 });
    expect((await rowsOf(folder)).has('red.png')).toBe(true);
  });

  test('lists bad pictures and goes on; an empty folder is no reason to remove all', async () => {
    const pictures = await photos();
    writeFileSync(join(pictures, 'empty.jpg'), '');
    writeFileSync(join(pictures, 'text.png'), 'not a picture');
    mkdirSync(join(pictures, 'folder.jpg'));
    const folder = join(temporaryFolder(), 'index');
    const encoder = colourEncoder();
    const [report] = await createIndex(folder, encoder, [await folderSource(pictures)]);
    expect(report.images.added).toBe(4);
    expect(report.quarantined.map(({ id }) => id).sort()).toEqual(['empty.jpg', 'text.png']);
    for (const { reason } of report.quarantined) expect(reason).toContain('no readable picture');
    expect((await indexInfo(folder)).quarantined.map(({ file }) => file).sort()).toEqual([
      join(pictures, 'empty.jpg'),
      join(pictures, 'text.png'),
    ]);

    // A picture that turns bad goes; one that turns good comes.
    writeFileSync(join(pictures, 'red.png'), 'bad now');
    await writePicture(pictures, 'text.png', 'white');
    const second = await updateIndex(folder, encoder, await folderSource(pictures));
    expect(second.images).toEqual({ ...nothing, added: 1, removed: 1, unchanged: 3 });
    expect(second.quarantined.map(({ id }) => id).sort()).toEqual(['empty.jpg', 'red.png']);
    const before = await rowsOf(folder);
    rmSync(pictures, { recursive: true });
    mkdirSync(pictures);
    expect(await codeOf(folderSource(pictures).then((source) => updateIndex(folder, encoder, source)))).toBe(
      'DIPTYCH_INDEX_SOURCE_EMPTY',
    );
    expect(await rowsOf(folder)).toEqual(before);
  });

  test('refuses another model by naming both, and a new version switches over when it is finished', async () => {
    const pictures = await photos();
    const source = await folderSource(pictures);
    const folder = join(temporaryFolder(), 'index');
    await createIndex(folder, colourEncoder('A'), [source]);
    const refused = await errorOf(updateIndex(folder, colourEncoder('B'), source));
    expect(refused).toMatchObject({ code: 'DIPTYCH_INDEX_FINGERPRINT', fields: { index: 'A', encoder: 'B' } });
    expect(await codeOf(createIndex(folder, colourEncoder('B'), [source]))).toBe('DIPTYCH_INDEX_EXISTS');
    expect((await checkIndex(folder)).damages).toEqual([]);
    expect(await codeOf(checkIndex(folder, 'B'))).toBe('DIPTYCH_INDEX_FINGERPRINT');

    const reader = await openIndex(folder);
    const failing: Encoder = { ...colourEncoder('B'), encodeImages: () => Promise.reject(new Error('out of memory')) };
    expect((await errorOf(createIndex(folder, failing, [source], { replace: true })))?.message).toBe('out of memory');
    expect((await indexInfo(folder)).fingerprint).toBe('A');
    await createIndex(folder, colourEncoder('B'), [source], { replace: true });
    expect(await indexInfo(folder)).toMatchObject({ fingerprint: 'B', versionInUse: 'v2', images: 4 });
    expect(await versionsIn(folder)).toEqual(['v1', 'v2']);
    expect(await reader.store.count()).toBe(4);
    await reader.store.close();
  });

  test('removes items with their captions, by id or by filter', async () => {
    const pictures = await photos();
    const folder = join(temporaryFolder(), 'index');
    await createIndex(folder, colourEncoder(), [await folderSource(pictures)], { captions: true });
    expect(await removeFromIndex(folder, { ids: ['red.png', 'unknown'] })).toBe(3);
    expect(await removeFromIndex(folder, { filter: { width: { gt: 25 } } })).toBe(1);
    expect(await removeFromIndex(folder, {})).toBe(0);
    expect([...(await rowsOf(folder)).keys()]).toEqual(['caption:yellow.webp#0', 'sea/green one.PNG', 'yellow.webp']);
    expect((await checkIndex(folder)).damages).toEqual([]);
  });

  test('reports progress, and stops when asked to, to go on later', async () => {
    const pictures = temporaryFolder();
    for (let i = 0; i < 10; i++) await writePicture(pictures, `${i}.png`, i % 2 === 0 ? 'red' : 'blue');
    const folder = join(temporaryFolder(), 'index');
    const stop = new AbortController();
    const reports: ProgressReport[] = [];
    const progress = {
      update(report: ProgressReport) {
        reports.push(report);
        if (report.done >= 4) stop.abort();
      },
      note() {},
      finish() {},
    };
    const source = await folderSource(pictures);
    const [report] = await createIndex(folder, colourEncoder(), [source], {
      partition: 2,
      progress,
      signal: stop.signal,
    });
    expect(report.complete).toBe(false);
    expect(await codeOf(openIndex(folder))).toBe('DIPTYCH_INDEX_MISSING');
    expect(reports.every(({ total, unit }) => total === 10 && unit === 'images')).toBe(true);
    const encoder = colourEncoder();
    const [second] = await createIndex(folder, encoder, [source], { partition: 2 });
    expect(second.complete).toBe(true);
    expect(second.images.unchanged).toBe(report.images.added);
    expect(encoder.encoded.length).toBe(10 - report.images.added);
    expect((await rowsOf(folder)).size).toBe(10);
  });
});

describe('faults', () => {
  test('vectors that cannot be stored are set aside with their files, the others are stored', async () => {
    const pictures = await photos();
    const folder = join(temporaryFolder(), 'index');
    const colours = colourEncoder();
    const bad = [
      new Float32Array(3),
      new Float32Array(128),
      new Float32Array(128).fill(Number.NaN),
      { error: 'out of luck' },
    ];
    const faulty: Encoder = {
      ...colours,
      encodeImages: async (files) => files.map((_, i) => bad[i] ?? new Float32Array(128).fill(1)),
    };
    await writePicture(pictures, 'z.png', 'white');
    const [report] = await createIndex(folder, faulty, [await folderSource(pictures)], { captions: true });
    expect(report.images.added).toBe(1);
    expect(report.quarantined.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('3 numbers instead of 128'),
        expect.stringContaining('length zero'),
        expect.stringContaining('NaN'),
        'out of luck',
      ]),
    );
    // Captions of pictures that are not there are not there either.
    expect([...(await rowsOf(folder)).keys()]).toEqual(['z.png']);
    expect(await updateIndex(folder, colours, await folderSource(pictures))).toMatchObject({
      images: { ...nothing, added: 4, unchanged: 1 },
      captions: { ...nothing, added: 3 },
      quarantined: [],
    });
  });

  test('damaged files of an index end in coded errors; rubbish in its work folder is cleared', async () => {
    const pictures = await photos();
    const folder = join(temporaryFolder(), 'index');
    const encoder = colourEncoder();
    await createIndex(folder, encoder, [await folderSource(pictures)]);
    const rows = await rowsOf(folder);
    for (const name of ['current.json', 'v1/settings.json']) {
      const path = join(folder, name);
      const text = readFileSync(path, 'utf8');
      for (const content of ['', text.slice(0, -4), '[]', '{"format":99}', '\xff']) {
        writeFileSync(path, content, 'latin1');
        expect(await codeOf(indexInfo(folder)), `${name}: ${content}`).toBe('DIPTYCH_INDEX_DAMAGED');
      }
      rmSync(path);
      expect(await codeOf(indexInfo(folder))).toBe('DIPTYCH_INDEX_MISSING');
      writeFileSync(path, text);
    }
    const job = join(folder, 'v1/work/job');
    mkdirSync(job, { recursive: true });
    writeFileSync(join(job, 'job.json'), JSON.stringify({ fingerprint: encoder.fingerprint, dimension: 128 }));
    writeFileSync(join(job, '000000.done.jsonl'), `${JSON.stringify({ id: 'invented', metadata: {} })}\n`);
    writeFileSync(join(job, '000000.vectors'), 'too short');
    writeFileSync(join(job, '000001.done.jsonl'), 'not JSON\n');
    writeFileSync(join(folder, 'v1/quarantine.jsonl'), 'not JSON\n');
    await updateIndex(folder, encoder, await folderSource(pictures));
    expect(await rowsOf(folder)).toEqual(rows);
    expect(existsSync(join(folder, 'v1/work'))).toBe(false);
  });
});

describe('sources', () => {
  test('may be several; ids that meet are set aside, a prefix keeps them apart, overlapping folders are refused', async () => {
    const one = await photos();
    const two = temporaryFolder();
    await writePicture(two, 'red.png', 'white');
    const folder = join(temporaryFolder(), 'index');
    const encoder = colourEncoder();
    const [, second] = await createIndex(folder, encoder, [await folderSource(one), await folderSource(two)]);
    expect(second.quarantined).toMatchObject([{ id: 'red.png', reason: expect.stringContaining(one) }]);
    const third = temporaryFolder();
    await writePicture(third, 'red.png', 'white');
    expect((await updateIndex(folder, encoder, await folderSource(third), { prefix: 'third/' })).images.added).toBe(1);
    expect((await updateIndex(folder, encoder, await folderSource(third))).images.unchanged).toBe(1);
    expect(await codeOf(updateIndex(folder, encoder, await folderSource(third), { prefix: 'x' }))).toBe(
      'DIPTYCH_INDEX_OPTION',
    );
    expect((await updateIndex(folder, encoder, await folderSource(one))).images).toEqual({ ...nothing, unchanged: 4 });
    expect([...(await rowsOf(folder)).keys()]).toContain('third/red.png');
    expect(await codeOf(updateIndex(folder, encoder, await folderSource(join(one, 'sea'))))).toBe(
      'DIPTYCH_INDEX_SOURCE',
    );
    expect((await indexInfo(folder)).sources.map(({ place, rows }) => [place, rows])).toEqual([
      [one, 4],
      [two, 0],
      [third, 1],
    ]);
  });

  test('of data sets keep ids, captions, splits and columns', async () => {
    const pictures = await photos();
    writeFileSync(
      join(pictures, 'captions.jsonl'),
      [
        { image: 'red.png', id: '7', caption: 'a red square', split: 'train', width: 'wide', place: 'Rome' },
        {
          image: 'sea/blue.jpg',
          id: '8',
          caption: ['the sea', 'blue water'],
          split: 'test',
          width: 'x',
          place: 'Oslo',
        },
      ]
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    );
    const place = join(pictures, 'captions.jsonl');
    const folder = join(temporaryFolder(), 'index');
    const [report] = await createIndex(folder, colourEncoder(), [datasetSource(place, await readDataset(place))], {
      captions: true,
    });
    expect(report).toMatchObject({ images: { added: 2 }, captions: { added: 3 }, quarantined: [] });
    const rows = await rowsOf(folder);
    expect(rows.get('8')!.metadata).toMatchObject({
      kind: 'image',
      captions: ['the sea', 'blue water'],
      split: 'test',
      place: 'Oslo',
      width: 30,
      'column.width': 'x',
    });
    const texts = [...rows.values()]
      .filter(({ metadata }) => metadata.kind === 'caption')
      .map(({ metadata }) => [metadata.image, metadata.text]);
    expect(texts.sort()).toEqual([
      ['7', 'a red square'],
      ['8', 'blue water'],
      ['8', 'the sea'],
    ]);
  });

  test('may be lists; bad lines are set aside', async () => {
    const pictures = await photos();
    const list = folderOf({
      'list.txt': [
        join(pictures, 'red.png'),
        '',
        JSON.stringify({ path: join(pictures, 'yellow.webp'), id: 'y', captions: 'yellow', year: 3 }),
        '{"path":',
        '{"id":"x"}',
        JSON.stringify({ path: 'gone.png', deep: { er: 1 } }),
        'gone.png',
      ].join('\n'),
    });
    const source = await listSource(join(list, 'list.txt'));
    expect(source.items.map(({ id }) => id)).toEqual([join(pictures, 'red.png'), 'gone.png', 'y'].sort());
    expect(source.quarantined.map(({ line }) => line)).toEqual([4, 5, 6]);
    const folder = join(temporaryFolder(), 'index');
    const [report] = await createIndex(folder, colourEncoder(), [source]);
    expect(report.images.added).toBe(2);
    expect(report.quarantined.length).toBe(4);
    expect((await rowsOf(folder)).get('y')!.metadata).toMatchObject({ captions: ['yellow'], year: 3 });
  });
});

describe('a build that is killed', () => {
  test('goes on where it was: what was encoded and stored is not encoded again', async () => {
    const pictures = temporaryFolder();
    for (let i = 0; i < 48; i++)
      await writePicture(pictures, `${String(i).padStart(2, '0')}.png`, `rgb(${5 * i}, 99, ${255 - i})`);
    writeFileSync(join(pictures, '03.txt'), 'three');
    const folder = join(temporaryFolder(), 'index');
    const random = new Random('kill a build', Date.now());
    const encoded = new Map<string, number>();
    for (let kills = 0; kills < 2; kills++) {
      const files = await buildAndKill(folder, pictures, 4 + random.integer(12), random.uniform() * 20);
      for (const file of files) encoded.set(file, (encoded.get(file) ?? 0) + 1);
    }
    expect(existsSync(join(folder, 'current.json'))).toBe(false);
    const encoder = colourEncoder();
    const [report] = await createIndex(folder, encoder, [await folderSource(pictures)], {
      captions: true,
      partition: 4,
    });
    for (const file of encoder.encoded) encoded.set(file, (encoded.get(file) ?? 0) + 1);
    expect(report.complete).toBe(true);
    // Each kill costs at most the two partitions that were being encoded.
    const again = [...encoded.values()].reduce((sum, times) => sum + times - 1, 0);
    expect(again).toBeLessThanOrEqual(2 * 2 * 4);
    const whole = join(temporaryFolder(), 'whole');
    await createIndex(whole, colourEncoder(), [await folderSource(pictures)], { captions: true });
    expect(await rowsOf(folder)).toEqual(await rowsOf(whole));
    expect((await checkIndex(folder)).damages).toEqual([]);
    expect(readdirSync(join(folder, 'v1'))).not.toContain('work');
  });

  test('shares its partitions with helpers', async () => {
    const pictures = temporaryFolder();
    for (let i = 0; i < 24; i++) await writePicture(pictures, `${i}.png`, `rgb(${9 * i}, 0, 99)`);
    const folder = join(temporaryFolder(), 'index');
    const colours = colourEncoder();
    const slow: Encoder = { ...colours, encodeImages: (files) => wait(60).then(() => colours.encodeImages(files)) };
    const helper = colourEncoder();
    const finished = new AbortController();
    const help = { patience: 60_000, signal: finished.signal };
    const [[report], helped, stranger] = await Promise.all([
      createIndex(folder, slow, [await folderSource(pictures)], { partition: 2 }).finally(() => finished.abort()),
      helpEncoding(folder, helper, help),
      helpEncoding(folder, colourEncoder('another'), help),
    ]);
    expect(report.images.added).toBe(24);
    expect(helped).toBeGreaterThan(0);
    expect(stranger).toBe(0);
    expect(helper.encoded.length + colours.encoded.length).toBe(24);
    expect((await rowsOf(folder)).size).toBe(24);
  });
});

/** Builds in a child process and kills it after so many files and milliseconds. Returns the files it began to encode. */
async function buildAndKill(folder: string, pictures: string, files: number, milliseconds: number): Promise<string[]> {
  const { url, execArgv } = entryPoint(import.meta.url, './testing/build-child');
  const child = spawn(process.execPath, [...execArgv, fileURLToPath(url), folder, pictures], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const exited = once(child, 'close');
  for await (const piece of child.stdout) {
    output += String(piece);
    if (output.split('\n').length <= files) continue;
    await wait(milliseconds);
    child.kill('SIGKILL');
  }
  await exited;
  return output.split('\n').filter((line) => line !== '');
}
