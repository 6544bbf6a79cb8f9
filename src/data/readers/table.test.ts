/** @file JSONL, CSV and TSV: columns, merging of rows, typed metadata, and lines that are set aside. */
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DatasetOptions, readDataset } from '../dataset.ts';
import { folderOf } from '../testing/folder.ts';

const read = (name: string, text: string | Uint8Array, options: DatasetOptions = {}) =>
  readDataset(join(folderOf({ [name]: text }), name), { images: false, ...options });

const faults = (dataset: Awaited<ReturnType<typeof read>>) =>
  dataset.quarantined.map(({ line, kind, id, reason }) => [line, kind, id, reason]);

test('rows of one image give their captions to one record, other columns become typed metadata', async () => {
  const { images } = await read(
    'a.csv',
    'image,caption,stars,indoor,zip,note,long\n' +
      'a.jpg,"one, with ""quotes""\nand a line",4.5,TRUE,01234,,12345678901234567890\n' +
      'a.jpg,two,1,false,01234,,1\nb.jpg,three,-3,false,99999,text,2\n',
  );
  expect(images).toEqual([
    {
      id: 'a.jpg',
      split: 'all',
      captions: [
        { id: 'a.jpg#0', text: 'one, with "quotes"\nand a line' },
        { id: 'a.jpg#1', text: 'two' },
      ],
      metadata: { stars: 4.5, indoor: true, zip: '01234', long: '12345678901234567890' },
    },
    {
      id: 'b.jpg',
      split: 'all',
      captions: [{ id: 'b.jpg#0', text: 'three' }],
      metadata: { stars: -3, indoor: false, zip: '99999', note: 'text', long: '2' },
    },
  ]);
});

test('JSONL takes lists of captions and keeps the types of metadata', async () => {
  const { images } = await read(
    'a.jsonl',
    '{"image":"a.jpg","captions":["one","two"],"stars":4,"tags":["x"],"ok":false,"none":null,"__proto__":7}\n\n' +
      '{"caption":"three","image":"a.jpg"}\n{"image":"b.jpg","caption":"four"}\n',
    { columns: { captions: ['captions', 'caption'] } },
  );
  expect(images.map(({ captions }) => captions.map(({ text }) => text))).toEqual([['one', 'two', 'three'], ['four']]);
  expect(Object.entries(images[0].metadata)).toEqual([
    ['stars', 4],
    ['tags', '["x"]'],
    ['ok', false],
    ['__proto__', 7],
  ]);
});

test('columns can be named, several may hold captions, and empty ones of several are no fault', async () => {
  const text = 'bild;id;Titel;alt;teil\na.jpg;7;eins;zwei;dev\nb.jpg;8;drei;;train\n';
  const columns = { image: 'bild', id: 'id', captions: ['titel', 'alt'], split: 'teil' };
  const { images, quarantined } = await read('a.csv', text, { columns });
  expect(images.map(({ id, split, captions }) => [id, split, captions.map((caption) => caption.text)])).toEqual([
    ['7', 'val', ['eins', 'zwei']],
    ['8', 'train', ['drei']],
  ]);
  expect(quarantined).toEqual([]);
  await expect(read('a.csv', text, { columns: { image: 'Datei' } })).rejects.toMatchObject({
    code: 'DIPTYCH_DATA_COLUMN_MISSING',
    message: expect.stringContaining('no column "Datei" among the columns bild, id, Titel, alt, teil'),
  });
  await expect(read('a.csv', text)).rejects.toThrow('no caption among');
  await expect(read('a.csv', 'caption\nx\n')).rejects.toThrow('no picture or image id among');
  await expect(read('a.csv', '')).rejects.toThrow('among the columns (none)');
});

test('numbered caption columns are found', async () => {
  const { images } = await read('a.tsv', 'filepath\tcaption_1\tcaption_2\ttopic\na.jpg\tone\ttwo\tx\n');
  expect(images[0].captions.map(({ text }) => text)).toEqual(['one', 'two']);
  expect(images[0].metadata).toEqual({ topic: 'x' });
});

test('a column named id that counts captions names captions, not images', async () => {
  const { images, quarantined } = await read('a.csv', 'id,image,caption\n1,a.jpg,one\n2,a.jpg,two\n3,b.jpg,three\n');
  expect(images.map(({ id, captions }) => [id, captions.map((caption) => caption.id)])).toEqual([
    ['a.jpg', ['1', '2']],
    ['b.jpg', ['3']],
  ]);
  expect(quarantined).toEqual([]);
});

test('rows that contradict earlier ones are set aside', async () => {
  const dataset = await read(
    'a.csv',
    'id,image,caption,split\n1,a.jpg,one,train\n1,b.jpg,two,train\n1,a.jpg,three,test\n1,a.jpg,four,train\n',
  );
  expect(dataset.images[0].captions.map(({ text }) => text)).toEqual(['one', 'four']);
  expect(dataset.quarantined.map(({ line, kind, id }) => [line, kind, id])).toEqual([
    [3, 'repeated-id', '1'],
    [4, 'other-split', '1'],
  ]);
});

test('faulty lines of CSV are set aside with their numbers, the rest goes on', async () => {
  const latin1 = Buffer.from('e.jpg,caf\u00e9\n', 'latin1');
  const text = Buffer.concat([
    Buffer.from('\ufeffimage,caption\r\na.jpg,"one\r\ntwo"\r\n\r\nb.jpg\nc.jpg,x,y\nd.jpg,\n,nobody\n'),
    latin1,
    Buffer.from('f.jpg,"never closed\ng.jpg,he said "hi" twice\nh.jpg,"last'),
  ]);
  const dataset = await read('a.csv', text);
  expect(dataset.images.map(({ id, captions }) => [id, captions[0].text])).toEqual([
    ['a.jpg', 'one\r\ntwo'],
    ['g.jpg', 'he said "hi" twice'],
  ]);
  const unclosed = 'a quote is not closed at the end of its field (where quotes are plain text, set quotes=false)';
  expect(faults(dataset)).toEqual([
    [5, 'malformed', undefined, '1 fields where the header has 2'],
    [6, 'malformed', undefined, '3 fields where the header has 2'],
    [9, 'encoding', undefined, 'not UTF-8'],
    [10, 'malformed', undefined, unclosed],
    [12, 'malformed', undefined, unclosed],
    [7, 'empty-caption', 'd.jpg#0', 'an empty caption'],
    [8, 'no-id', undefined, 'no picture is named'],
    [7, 'no-caption', 'd.jpg', 'an image without a caption'],
  ]);
  const plain = await read('a.csv', 'image,caption\na.jpg,"one\nb.jpg,"two" and\n', { quotes: false });
  expect(plain.images.map(({ captions }) => captions[0].text)).toEqual(['"one', '"two" and']);
});

test('faulty lines of JSONL are set aside with their numbers, the rest goes on', async () => {
  const text = Buffer.concat([
    Buffer.from('{"image":"a.jpg","caption":"one"}\n{"image":"b.jpg",\n[1]\n7\n'),
    Buffer.from([0x7b, 0xff, 0x7d, 10]),
    Buffer.from('{"image":"c.jpg","caption":7}\n{"image":"d.jpg","caption":["x",null]}\n{"image":{},"caption":"x"}\n'),
    Buffer.from('{"image":"e.jpg","caption":"last"}'),
  ]);
  const dataset = await read('a.jsonl', text);
  expect(dataset.images.map(({ id }) => id)).toEqual(['a.jpg', 'e.jpg']);
  expect(faults(dataset)).toEqual([
    [2, 'malformed', undefined, 'not JSON at column 18: it ends where a name was expected'],
    [3, 'malformed', undefined, 'not an object'],
    [4, 'malformed', undefined, 'not an object'],
    [5, 'encoding', undefined, 'not UTF-8'],
    [6, 'malformed', 'c.jpg', 'caption holds 7, not text'],
    [7, 'malformed', 'd.jpg', 'caption holds null, not text'],
    [8, 'no-id', undefined, 'no picture is named'],
  ]);
});

test('a header that is not UTF-8 is refused as a whole', async () => {
  const utf16 = Buffer.from('\ufeffimage,caption\na.jpg,one\n', 'utf16le');
  await expect(read('a.csv', utf16)).rejects.toMatchObject({ code: 'DIPTYCH_FILE_ENCODING' });
});

test('an address is no picture, and nothing is downloaded', async () => {
  const folder = folderOf({ 'a.csv': 'image,caption\nhttp://x.org/a.jpg,one\nb.jpg,two\n', 'b.jpg': '' });
  const { quarantined } = await readDataset(folder);
  expect(quarantined.map(({ reason }) => reason)).toEqual(['http://x.org/a.jpg is an address; nothing is downloaded']);
});

test('any text survives CSV and TSV in quotes, at any line', async () => {
  const cell = fc.string({ unit: 'grapheme-composite', minLength: 1 }).filter((text) => text.trim() !== '');
  await fc.assert(
    fc.asyncProperty(
      fc.array(cell, { minLength: 1, maxLength: 8 }),
      fc.constantFrom(',', '\t'),
      async (texts, mark) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const rows = texts.map((text, i) => `${i}.jpg${mark}${quoted(text)}\n`);
        const { images, quarantined } = await read('a.csv', `image${mark}caption\n${rows.join('')}`);
        expect(quarantined).toEqual([]);
        expect(images.map(({ captions }) => captions[0].text)).toEqual(texts.map((text) => text.trim()));
      },
    ),
    { numRuns: 100 },
  );
});
