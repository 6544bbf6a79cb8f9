/** @file From a run to answers, verb by verb: export, index create, add, update, search. */
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { sharedFolder, type TrainedRun, trainPixels } from '../../bundle/testing/trained.ts';
import type { UpdateReport } from '../../index/build.ts';
import type { SearchResult } from '../../search/search.ts';
import { diptych } from '../../testing/diptych.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { type Called, callVerb } from '../../testing/verb.ts';
import { verb as exportVerb } from './export.ts';
import { verb as add } from './index-add.ts';
import { verb as create } from './index-create.ts';
import { verb as info } from './index-info.ts';
import { verb as update } from './index-update.ts';
import { verb as search } from './search.ts';

const folder = sharedFolder();
const bundle = join(folder, 'bundle');
const photos = join(folder, 'photos');
const index = join(folder, 'index');
const one = { 'machine.threads': '1' };
let run: TrainedRun;
let exported: Called;

beforeAll(async () => {
  run = await trainPixels(folder);
  exported = await callVerb(exportVerb, [run.run], { 'bundle.out': bundle, ...one });
  mkdirSync(photos);
  for (const { path } of run.dataset.images.slice(0, 6)) copyFileSync(path!, join(photos, basename(path!)));
  writeFileSync(join(photos, 'broken.png'), 'no picture');
  await callVerb(create, [index, photos], { 'index.bundle': bundle, ...one });
}, 60_000);

/** What a call of an index verb did with its first source. */
function reportOf({ json }: Called): UpdateReport {
  return (json as { sources: UpdateReport[] }).sources[0];
}

function resultsOf({ json }: Called): SearchResult[] {
  return (json as { results: SearchResult[] }).results;
}

describe('export', () => {
  test('tells what was compared, and what it wrote', () => {
    expect(exported.lines).toMatch(/bundle: pixels-run, step 2, 32 dimensions, \d+ KiB\nfingerprint [0-9a-f]{64}\n/);
    expect(exported.lines).toMatch(
      /inputs of the validation split:\n {2}images: 16, largest difference \d\.\de[-+]\d+, /,
    );
    expect(exported.json).toMatchObject({ folder: bundle, step: 2, verification: { inputs: 'val' } });
  });

  test('a data set that moved is asked for; with `--verify drawn` it is not needed', async () => {
    const moved = `${run.data}-moved`;
    renameSync(run.data, moved);
    const flags = { 'bundle.out': join(temporaryFolder(), 'b'), 'bundle.checkpoint': 'last', ...one };
    const refused = callVerb(exportVerb, [run.run], flags);
    await expect(refused).rejects.toMatchObject({ code: 'DIPTYCH_EXPORT_INPUTS' });
    const drawn = await callVerb(exportVerb, [run.run], { ...flags, 'verify.inputs': 'drawn' });
    expect(drawn.json).toMatchObject({ step: 4, verification: { inputs: 'drawn' } });
    const there = { ...flags, 'verify.data': moved, 'bundle.replace': true };
    expect((await callVerb(exportVerb, [run.run], there)).json).toMatchObject({ verification: { inputs: 'val' } });
    renameSync(moved, run.data);
  });
});

test('an ensemble is exported, indexed and searched like any model', async () => {
  const [both, place] = [join(temporaryFolder(), 'both'), join(temporaryFolder(), 'index')];
  const made = await diptych(['export', run.run, '--ensemble', run.run, '--out', both, '--verify', 'drawn']);
  expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('pixels-run, step 2 + 2, 64 dimensions, ') });
  await callVerb(create, [place, photos], { 'index.bundle': both, ...one });
  const [alone, found] = await Promise.all(
    [index, place].map((path) => callVerb(search, ['a red circle'], { 'search.index': path })),
  );
  // A model twice has the scores that it has once.
  expect(resultsOf(found).map(({ id }) => id)).toEqual(resultsOf(alone).map(({ id }) => id));
  resultsOf(found).forEach(({ score }, i) => {
    expect(score).toBeCloseTo(resultsOf(alone)[i].score, 5);
  });
}, 60_000);

describe('index', () => {
  test('create, update and add encode what is new, and name what cannot be read', async () => {
    const place = join(temporaryFolder(), 'index');
    const mine = join(temporaryFolder(), 'photos');
    cpSync(photos, mine, { recursive: true });
    const created = await callVerb(create, [place, mine], { 'index.bundle': bundle, ...one });
    expect(reportOf(created)).toMatchObject({ images: { added: 6 }, complete: true });
    expect(created.lines).toMatch(
      /photos: pictures 6 added, [\d.]+ pictures a second\nset aside: 1\n {2}.*broken\.png: /,
    );

    expect(reportOf(await callVerb(update, [place, mine], one))).toMatchObject({ images: { added: 0, unchanged: 6 } });
    rmSync(join(mine, 'train-00000.png'));
    copyFileSync(run.dataset.images[9].path!, join(mine, 'new.png'));
    expect(reportOf(await callVerb(add, [place, mine], one))).toMatchObject({ images: { added: 1, removed: 0 } });
    const known = await callVerb(update, [place], one);
    expect(reportOf(known)).toMatchObject({ source: mine, images: { unchanged: 6, removed: 1 } });
    expect(known.lines).toContain(`${mine}: pictures 1 removed, 6 unchanged`);

    const again = callVerb(create, [place, mine], { 'index.bundle': bundle, ...one });
    await expect(again).rejects.toMatchObject({ code: 'DIPTYCH_INDEX_EXISTS' });
    const replaced = { 'index.bundle': bundle, 'index.replace': true, 'index.dtype': 'float16', ...one };
    expect(reportOf(await callVerb(create, [place, mine], replaced))).toMatchObject({ images: { added: 6 } });
    expect((await callVerb(info, [place])).lines).toContain(', v2: 6 pictures, 0 captions');
  });

  test('a data set with captions, a list, a second source with a prefix', async () => {
    const place = join(temporaryFolder(), 'index');
    const flags = { 'index.captions': true, 'index.bundle': bundle, ...one };
    const created = await callVerb(create, [place, run.data], flags);
    expect(reportOf(created)).toMatchObject({ images: { added: 64 }, captions: { added: 320 }, quarantined: [] });
    expect(created.lines).toContain('; captions 320 added');

    const list = join(temporaryFolder(), 'list.txt');
    writeFileSync(list, `${run.dataset.images[0].path}\n`);
    const added = await callVerb(add, [place, list], { 'index.prefix': 'more/', ...one });
    expect(reportOf(added)).toMatchObject({ images: { added: 1 } });
    const lines = join(temporaryFolder(), 'list.jsonl');
    writeFileSync(lines, `${JSON.stringify({ path: run.dataset.images[1].path, id: 'listed', year: 2024 })}\n`);
    expect(reportOf(await callVerb(add, [place, lines], one))).toMatchObject({ images: { added: 1 } });
    const folders = await callVerb(info, [place]);
    expect(folders.lines).toContain(', ids more/…: 1 rows');

    const asked = { 'search.index': place, 'search.captionsFor': run.dataset.images[3].path! };
    const captions = await callVerb(search, [], { ...asked, 'search.top': '3' });
    const results = resultsOf(captions);
    expect(results).toHaveLength(3);
    expect(Object.keys(results[0])).toEqual(['id', 'score', 'path', 'metadata']);
    expect(captions.lines.split('\n')[0]).toBe(
      `${results[0].score.toFixed(3)}  ${results[0].metadata.text}  ${results[0].metadata.image}`,
    );
    const filtered = { 'search.index': place, 'search.filter': '{"year": {"gte": 2020}}' };
    expect(resultsOf(await callVerb(search, ['a circle'], filtered)).map(({ id }) => id)).toEqual(['listed']);
  });

  test('another model is refused', async () => {
    const other = join(temporaryFolder(), 'other');
    await callVerb(exportVerb, [run.run], {
      'bundle.out': other,
      'bundle.checkpoint': '4',
      'verify.inputs': 'drawn',
      ...one,
    });
    const refused = { code: 'DIPTYCH_INDEX_FINGERPRINT' };
    await expect(callVerb(update, [index, photos], { 'index.bundle': other, ...one })).rejects.toMatchObject(refused);
    const asked = { 'search.index': index, 'search.bundle': other };
    await expect(callVerb(search, ['a circle'], asked)).rejects.toMatchObject(refused);
  });
});

describe('search', () => {
  test('by text: as one line of JSON, with a note where words are unknown', async () => {
    const found = await diptych(['search', 'a red circle', '--index', index, '--top', '2', '--json']);
    expect(found.code).toBe(0);
    const { results } = JSON.parse(found.stdout) as { results: SearchResult[] };
    expect(results).toHaveLength(2);
    expect(results[0].score).toBeGreaterThanOrEqual(results[1].score);
    expect(results[0]).toMatchObject({
      id: expect.any(String),
      path: join(photos, results[0].id),
      metadata: { kind: 'image' },
    });
    const odd = await callVerb(search, ['Zebras galoppieren'], { 'search.index': index });
    expect(odd.notes).toEqual([expect.stringContaining('2 of 2 words are unknown to the model')]);
    expect(odd.lines.split('\n')).toHaveLength(6);
  });

  test('by picture, by item, by both; above a threshold', async () => {
    const picture = join(photos, 'train-00002.png');
    const like = resultsOf(await callVerb(search, [], { 'search.index': index, 'search.image': picture }));
    expect(like[0]).toMatchObject({ id: 'train-00002.png', path: picture });
    expect(like[0].score).toBeCloseTo(1, 5);
    // No model is needed for an item: an index whose bundle is gone still answers.
    const lonely = join(temporaryFolder(), 'index');
    cpSync(index, lonely, { recursive: true });
    writeFileSync(join(lonely, 'bundle.json'), '{}');
    const item = { 'search.index': lonely, 'search.id': 'train-00002.png' };
    expect(resultsOf(await callVerb(search, [], item)).map(({ id }) => id)).toEqual(like.slice(1).map(({ id }) => id));
    const unknown = callVerb(search, ['a circle'], { 'search.index': lonely });
    await expect(unknown).rejects.toMatchObject({ code: 'DIPTYCH_BUNDLE_UNKNOWN' });

    const both = { 'search.index': index, 'search.image': picture, 'search.threshold': '0.999' };
    expect((await callVerb(search, ['a blue square'], both)).lines).toBe('nothing was found');
    expect(resultsOf(await callVerb(search, [], both)).map(({ id }) => id)).toContain('train-00002.png');
  });

  test('parts with weights, several items, a set, and words in captions, from the command line', async () => {
    const like = [
      '--id',
      'train-00001.png',
      '--part',
      '0.5*id:train-00002.png',
      '--part',
      '-0.25*text:a red, small circle',
    ];
    const found = await diptych(['search', '--index', index, ...like, '--json']);
    expect(found).toMatchObject({ code: 0 });
    const saved = join(temporaryFolder(), 'found.json');
    writeFileSync(saved, found.stdout);
    const { results } = JSON.parse(found.stdout) as { results: SearchResult[] };
    expect(results).toHaveLength(4);
    const again = await diptych(['search', '--index', index, '--id', 'train-00001.png', '--within', saved, '--json']);
    const within = (JSON.parse(again.stdout) as { results: SearchResult[] }).results;
    expect(within.map(({ id }) => id).sort()).toEqual(results.map(({ id }) => id).sort());

    const place = join(temporaryFolder(), 'index');
    await callVerb(create, [place, run.data], { 'index.bundle': bundle, ...one });
    const words = ['search', 'red circle', '--index', place, '--top', '3', '--json', '--captions'];
    const only = await diptych([...words, 'only', '--bundle', '/nowhere']);
    const captioned = (JSON.parse(only.stdout) as { results: SearchResult[] }).results;
    for (const { metadata } of captioned) expect(String(metadata.captions)).toMatch(/red/);
    const fused = await diptych([...words, 'fuse']);
    expect(JSON.parse(fused.stdout)).toMatchObject({ results: [{ ranks: { captions: expect.any(Number) } }, {}, {}] });
    const refused = await diptych(['search', '--index', index, '--part', 'dog']);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('DIPTYCH_SEARCH_QUERY') });
  }, 60_000);

  test('index and bundle moved together still know each other', async () => {
    const place = temporaryFolder();
    cpSync(index, join(place, 'index'), { recursive: true });
    cpSync(bundle, join(place, 'bundle'), { recursive: true });
    renameSync(bundle, `${bundle}-hidden`);
    const found = await callVerb(search, ['a circle'], { 'search.index': join(place, 'index') });
    expect(resultsOf(found)).toHaveLength(6);
    const lost = callVerb(search, ['a circle'], { 'search.index': index });
    await expect(lost).rejects.toMatchObject({
      code: 'DIPTYCH_BUNDLE_UNKNOWN',
      message: expect.stringContaining(bundle),
    });
    renameSync(`${bundle}-hidden`, bundle);
  });

  test.each(['html', 'png'])('a contact sheet as %s', async (ending) => {
    const sheet = join(temporaryFolder(), `sheet.${ending}`);
    const flags = { 'search.index': index, 'search.sheet': sheet, 'search.id': 'train-00001.png' };
    const { lines } = await callVerb(search, ['a circle'], flags);
    expect(lines).toContain(`written to ${sheet}`);
    expect(existsSync(sheet)).toBe(true);
    if (ending === 'html') expect(readFileSync(sheet, 'utf8')).toContain('the best 5 of 6 rows');
  });

  test('a question that is none, or two at once, is refused', async () => {
    const flags = { 'search.index': index };
    await expect(callVerb(search, [], flags)).rejects.toMatchObject({ code: 'DIPTYCH_ARGUMENT_MISSING' });
    const picture = join(photos, 'train-00002.png');
    const two = callVerb(search, ['a circle'], { ...flags, 'search.captionsFor': picture });
    await expect(two).rejects.toMatchObject({ code: 'DIPTYCH_SEARCH_QUERY' });
    const captions = callVerb(search, [], { ...flags, 'search.captionsFor': picture });
    await expect(captions).rejects.toMatchObject({ code: 'DIPTYCH_SEARCH_CAPTIONS' });
    const broken = callVerb(search, [], { ...flags, 'search.image': join(photos, 'broken.png') });
    await expect(broken).rejects.toMatchObject({ code: 'DIPTYCH_SEARCH_QUERY' });
    const nowhere = callVerb(search, ['a circle'], { 'search.index': photos });
    await expect(nowhere).rejects.toMatchObject({ code: 'DIPTYCH_INDEX_MISSING' });
  });
});
