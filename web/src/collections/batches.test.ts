import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uploadItemsSchema } from '../../../src/server/schema/items.ts';
import { answered, batchesOf, begin, failed, formOf } from './batches.ts';

const chosen = (id: string, bytes: number) => ({ id, file: new Blob([new Uint8Array(bytes)]) });

test('every file is in one request, in order, and no request is too large unless it is one file', () => {
  const most = { files: 4, bytes: 100 };
  fc.assert(
    fc.property(fc.array(fc.nat(160), { maxLength: 40 }), (sizes) => {
      const files = sizes.map((size, i) => chosen(String(i), size));
      const batches = batchesOf(files, most);
      expect(batches.flat()).toEqual(files);
      for (const batch of batches) {
        expect(batch.length).toBeLessThanOrEqual(4);
        const bytes = batch.reduce((sum, { file }) => sum + file.size, 0);
        expect(bytes <= 100 || batch.length === 1).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});

test('a form names each file by its path, as the server takes it', async () => {
  const form = formOf([chosen('a/b.jpg', 3), chosen('c.png', 4)]);
  const request = JSON.parse(await (form.get('request') as File).text());
  expect(uploadItemsSchema.safeParse(request).error).toBeUndefined();
  expect(request.items.map(({ id }: { id: string }) => id)).toEqual(['a/b.jpg', 'c.png']);
  expect((form.get('file1') as File).size).toBe(4);
});

test('what became of each is counted, and what was not taken is listed', () => {
  const batch = [chosen('a', 1), chosen('b', 1)];
  const results = [
    { id: 'a', status: 'stored' as const },
    { id: 'b', status: 'refused' as const, detail: 'no picture' },
  ];
  const once = answered(begin(4), batch, { stored: 1, refused: 1, results });
  expect(once).toEqual({ total: 4, done: 2, stored: 1, refused: [{ id: 'b', reason: 'no picture' }] });
  expect(failed(once, batch, 'the server is gone')).toMatchObject({ done: 4, stored: 1, refused: { length: 3 } });
});
