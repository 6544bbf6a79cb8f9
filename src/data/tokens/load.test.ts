import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDiptychError } from '../../errors/error.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { anyText } from '../../testing/text.ts';
import { fixture, samples } from '../../testing/tokenizers.ts';
import { readTokenizer, tokenizerFromJSON } from './load.ts';

const text = 'The dog’s RED ball, unknown 北京 😀 running';

describe.each(Object.entries(samples))('%s', (_, tokenizer) => {
  test('comes back from its JSON as it was', () => {
    const again = tokenizerFromJSON(JSON.parse(JSON.stringify(tokenizer)));
    expect(again.encode(text)).toEqual(tokenizer.encode(text));
    expect(again).toMatchObject({ size: tokenizer.size, specialIds: tokenizer.specialIds, maskId: tokenizer.maskId });
    expect(JSON.stringify(again)).toBe(JSON.stringify(tokenizer));
  });

  test.each(['graphemes', 'codePoints'] as const)('encodes any text, ids in range, decoding is stable (%s)', (kind) => {
    const property = fc.property(anyText[kind], (any) => {
      // Uncased models lower-case before or after composing letters; only text that is already so can come back.
      const written = any.toLowerCase().normalize('NFC');
      const { ids, words } = tokenizer.tokenize(any);
      expect(ids.every((id) => id >= 0 && id < tokenizer.size)).toBe(true);
      expect(words).toHaveLength(ids.length);
      expect([...words].filter((word) => word < 0)).toHaveLength(2);
      const once = tokenizer.decode(tokenizer.encode(written));
      expect(tokenizer.decode(tokenizer.encode(once))).toBe(once);
    });
    fc.assert(property, { numRuns: 200 });
  });

  test('a damaged JSON gives a coded error or a tokenizer that works', () => {
    const original = JSON.stringify(tokenizer);
    const change = fc.record({ at: fc.nat(original.length - 1), length: fc.nat(30), by: fc.string({ maxLength: 8 }) });
    const property = fc.property(change, ({ at, length, by }) => {
      const json = parsed(original.slice(0, at) + by + original.slice(at + length));
      if (json === undefined) return;
      try {
        expect(tokenizerFromJSON(json).encode(text).length).toBeGreaterThan(0);
      } catch (error) {
        expect(isDiptychError(error), String(error)).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 1000 });
  });

  test('any part replaced by any value gives a coded error or a tokenizer that works', () => {
    const property = fc.property(fc.nat(), fc.jsonValue({ maxDepth: 1 }), (which, value) => {
      const json = JSON.parse(JSON.stringify(tokenizer));
      const places = placesIn(json);
      const [holder, key] = places[which % places.length];
      holder[key] = value;
      try {
        expect(tokenizerFromJSON(json).encode(text).length).toBeGreaterThan(0);
      } catch (error) {
        expect(isDiptychError(error), String(error)).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 300 });
  });
});

test('files as they come: tokenizer.json and SCAN vocabularies', () => {
  expect(tokenizerFromJSON(fixture('wordpiece')).encode('dog')).toEqual(samples.wordpiece.encode('dog'));
  expect(tokenizerFromJSON(fixture('scan')).encode('dog')).toEqual(samples.scan.encode('dog'));
});

test.each([
  [null, 'it is null'],
  [[], 'it is a list'],
  ['text', 'it is a string'],
  [{}, 'its keys are none'],
  [{ kind: 'sentencepiece' }, 'its kind is "sentencepiece"'],
  [{ a: 1, b: 2 }, 'its keys are a, b'],
])('refuses %j', (json, kind) => {
  const fields = { source: 'x.json', kind };
  const read = () => tokenizerFromJSON(json, 'x.json');
  expect(read).toThrow(expect.objectContaining({ code: 'DIPTYCH_TOKENS_KIND', fields }));
});

test.each([
  [{ kind: 'vocabulary', maxLength: 9, words: ['<pad>', '<start>', '<end>', 'a'] }, '<unk> is missing'],
  [
    { kind: 'vocabulary', maxLength: 9, words: ['a', '<pad>', '<start>', '<end>', '<unk>'] },
    '<pad> is number 1, not 0',
  ],
  [{ kind: 'scan', maxLength: 9, words: ['<pad>', 'a', 'a'] }, '"a" is listed twice'],
  [{ kind: 'scan', maxLength: 0, words: [] }, 'maxLength: Too small'],
  [{ kind: 'huggingface', maxLength: 9, config: {} }, 'tokenizer: Invalid input'],
])('names the damage of %j', (json, reason) => {
  const damaged = { code: 'DIPTYCH_TOKENS_DAMAGED', message: expect.stringContaining(reason) };
  expect(() => tokenizerFromJSON(json)).toThrow(expect.objectContaining(damaged));
});

describe('readTokenizer', () => {
  test('reads a model folder, with the files beside tokenizer.json', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(fixture('bytelevel')));
    writeFileSync(join(folder, 'special_tokens_map.json'), JSON.stringify({ pad_token: { content: '<|endoftext|>' } }));
    writeFileSync(
      join(folder, 'tokenizer_config.json'),
      JSON.stringify({ model_max_length: 77, mask_token: 'dog</w>' }),
    );
    const tokenizer = await readTokenizer(folder);
    expect(tokenizer).toMatchObject({ padId: 519, maxLength: 77, maskId: 513 });
    expect(tokenizerFromJSON(JSON.parse(JSON.stringify(tokenizer)))).toMatchObject({ padId: 519, maxLength: 77 });
  });

  test('reads one file', async () => {
    const path = join(temporaryFolder(), 'vocabulary.json');
    writeFileSync(path, JSON.stringify(samples.vocabulary));
    expect((await readTokenizer(path)).encode(text)).toEqual(samples.vocabulary.encode(text));
  });

  test('says what is missing or broken', async () => {
    const folder = temporaryFolder();
    await expect(readTokenizer(folder)).rejects.toMatchObject({ code: 'DIPTYCH_FILE_MISSING' });
    writeFileSync(join(folder, 'tokenizer.json'), '{"model": ');
    await expect(readTokenizer(folder)).rejects.toMatchObject({ code: 'DIPTYCH_JSON_SYNTAX' });
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'sub', 'tokenizer.json'), '{"model": {"vocab": {"a": -1}}}');
    await expect(readTokenizer(join(folder, 'sub'))).rejects.toMatchObject({ code: 'DIPTYCH_TOKENS_DAMAGED' });
  });
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Every place in a JSON value that holds something, as (holder, key). */
function placesIn(json: unknown): [Record<string, unknown>, string][] {
  if (typeof json !== 'object' || json === null) return [];
  const holder = json as Record<string, unknown>;
  const keys = Object.keys(holder).slice(0, 12);
  return keys.flatMap((key) => [[holder, key] as [Record<string, unknown>, string], ...placesIn(holder[key])]);
}
