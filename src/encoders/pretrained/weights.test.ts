/** @file Model folders: names of other versions, parts, half precision; and what is refused, each fault by its name. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDiptychError } from '../../errors/error.ts';
import { toFloat16 } from '../../files/float16.ts';
import { type StoredTensor, writeSafetensors } from '../../files/safetensors.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { describedPretrained, pretrainedDescriptionSchema, readPretrained, requireImage, requireText } from './read.ts';
import { bertFolder, float32, type TinyModel, tinyModel, valuesOf, written } from './testing/models.ts';

const families = ['bert', 'vit', 'clip'] as const;

/** The error of reading a model, which must be a coded one. */
async function refused(model: TinyModel): Promise<{ code: string; message: string; fields: unknown }> {
  const error = await readPretrained(await written(model)).catch((cause: unknown) => cause);
  if (!isDiptychError(error)) throw error;
  return error;
}

const renamed = ({ config, tensors }: TinyModel, rename: (name: string) => string): TinyModel => ({
  config,
  tensors: new Map([...tensors].map(([name, tensor]) => [rename(name), tensor])),
});

/** Numbers of the text encoder of a folder. */
const textOf = async (folder: string) => valuesOf(requireText(await readPretrained(folder)).parameters);

describe('names', () => {
  test('of the first published BERT: under a prefix, norms called gamma and beta, heads of its training tasks', async () => {
    const model = renamed(await tinyModel('bert'), (name) =>
      `bert.${name}`.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'),
    );
    model.tensors.set('cls.seq_relationship.weight', float32([2, 32], new Float32Array(64)));
    model.tensors.set('bert.embeddings.position_ids', {
      dtype: 'I64',
      shape: [1, 16],
      data: new BigInt64Array(16),
    });
    const folder = await written(model);
    expect(await textOf(folder)).toEqual(await textOf(bertFolder));
    expect((await readPretrained(folder)).leftOut).toEqual([
      'bert.embeddings.position_ids',
      'cls.seq_relationship.weight',
    ]);
  });

  test('of later versions of ViT, and a classifier', async () => {
    const later: [RegExp, string][] = [
      [/^encoder\.layer\./, 'layers.'],
      [/attention\.attention\.query/, 'attention.q_proj'],
      [/attention\.attention\.key/, 'attention.k_proj'],
      [/attention\.attention\.value/, 'attention.v_proj'],
      [/attention\.output\.dense/, 'attention.o_proj'],
      [/intermediate\.dense/, 'mlp.fc1'],
      [/(\d)\.output\.dense/, '$1.mlp.fc2'],
    ];
    const plain = await tinyModel('vit');
    const model = renamed(plain, (name) => `vit.${later.reduce((text, [from, to]) => text.replace(from, to), name)}`);
    model.tensors.set('classifier.weight', float32([10, 32], new Float32Array(320)));
    const read = await readPretrained(await written(model));
    expect(valuesOf(requireImage(read).parameters)).toEqual(
      valuesOf(requireImage(await readPretrained(await written(plain))).parameters),
    );
    expect(read.leftOut).toEqual(['classifier.weight']);
  });

  test('query, key and value become one matrix', async () => {
    const { tensors } = await tinyModel('bert');
    const values = await textOf(bertFolder);
    const parts = ['query', 'key', 'value'].map(
      (part) => tensors.get(`encoder.layer.1.attention.self.${part}.weight`)!.data as Float32Array,
    );
    expect([...values.get('layers.1.attention.input.weight')!.data]).toEqual(parts.flatMap((part) => [...part]));
  });
});

describe('files', () => {
  async function inParts(change: (index: Record<string, string>) => void = () => {}): Promise<string> {
    const { config, tensors } = await tinyModel('bert');
    const folder = temporaryFolder();
    const parts = new Map<string, Map<string, StoredTensor>>();
    for (const [name, tensor] of tensors) {
      const part = name.startsWith('embeddings') ? 'model-1.safetensors' : 'model-2.safetensors';
      parts.set(part, (parts.get(part) ?? new Map()).set(name, tensor));
    }
    for (const [part, content] of parts) await writeSafetensors(join(folder, part), content);
    const weight_map = Object.fromEntries(
      [...parts].flatMap(([part, content]) => [...content.keys()].map((name) => [name, part])),
    );
    change(weight_map);
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map }));
    return folder;
  }

  test('weights in parts are the same model as in one file', async () => {
    const [whole, parts] = [await readPretrained(bertFolder), await readPretrained(await inParts())];
    expect(valuesOf(requireText(parts).parameters)).toEqual(valuesOf(requireText(whole).parameters));
    expect(parts.description.fingerprint).toBe(whole.description.fingerprint);
  });

  test('an index must say what the parts hold', async () => {
    const name = 'embeddings.LayerNorm.bias';
    const moved = await inParts((index) => {
      index[name] = 'model-2.safetensors';
    });
    await expect(readPretrained(moved)).rejects.toThrow(`model-1.safetensors holds ${name}, which`);
    const more = await inParts((index) => {
      index['encoder.extra'] = 'model-2.safetensors';
    });
    await expect(readPretrained(more)).rejects.toThrow('model-2.safetensors lacks encoder.extra');
    const outside = await inParts((index) => {
      index[name] = '../model-1.safetensors';
    });
    await expect(readPretrained(outside)).rejects.toMatchObject({ code: 'DIPTYCH_JSON_SHAPE' });
    const absent = await inParts();
    await rm(join(absent, 'model-2.safetensors'));
    await expect(readPretrained(absent)).rejects.toMatchObject({ code: 'DIPTYCH_FILE_MISSING' });
  });

  test('half and double precision are read; the fingerprint tells them apart', async () => {
    const exact = await tinyModel('bert');
    const half: TinyModel = { ...exact, tensors: new Map() };
    const double: TinyModel = { ...exact, tensors: new Map() };
    for (const [name, { shape, data }] of exact.tensors) {
      const numbers = data as Float32Array;
      half.tensors.set(name, { dtype: 'F16', shape, data: toFloat16(numbers) as Uint16Array<ArrayBuffer> });
      double.tensors.set(name, { dtype: 'F64', shape, data: Float64Array.from(numbers) });
    }
    const [halfFolder, doubleFolder] = [await written(half), await written(double)];
    expect(await textOf(doubleFolder)).toEqual(await textOf(bertFolder));
    const [rounded, numbers] = [await textOf(halfFolder), await textOf(bertFolder)];
    for (const [path, { data }] of numbers) {
      const isNear = (x: number, i: number) =>
        Math.abs(rounded.get(path)!.data[i] - x) <= Math.abs(x) * 2 ** -11 + 2 ** -25;
      expect(data.every(isNear), path).toBe(true);
    }
    const prints = await Promise.all([bertFolder, halfFolder, doubleFolder].map((folder) => readPretrained(folder)));
    expect(new Set(prints.map(({ description }) => description.fingerprint)).size).toBe(3);
  });

  test('a folder without safetensors', async () => {
    const folder = temporaryFolder();
    await expect(readPretrained(folder)).rejects.toMatchObject({ code: 'DIPTYCH_FILE_MISSING' });
    await writeFile(join(folder, 'config.json'), JSON.stringify({ model_type: 'bert' }));
    await mkdir(join(folder, 'pytorch_model.bin'));
    await expect(readPretrained(folder)).rejects.toMatchObject({
      code: 'DIPTYCH_PRETRAINED_FILES',
      message: `${folder}: neither model.safetensors nor model.safetensors.index.json is there`,
    });
  });
});

describe('a description', () => {
  test.each(families)('of %s sets up the same encoders, all zero, after a way through JSON', async (family) => {
    const read = await readPretrained(await written(await tinyModel(family)));
    const json = JSON.parse(JSON.stringify(read.description));
    const restored = describedPretrained(pretrainedDescriptionSchema.parse(json));
    for (const side of ['text', 'image'] as const) {
      const [before, after] = [read, restored].map((model) => model[side]);
      expect(after === undefined).toBe(before === undefined);
      if (!before || !after) continue;
      const { parameters: theirs, ...facts } = before;
      const { parameters: ours, ...same } = after;
      expect(JSON.stringify(same)).toBe(JSON.stringify(facts));
      const shapes = (tree: typeof ours) => [...valuesOf(tree)].map(([path, { shape }]) => [path, shape]);
      expect(shapes(ours)).toEqual(shapes(theirs));
      expect([...valuesOf(ours).values()].every(({ data }) => data.every((x) => x === 0))).toBe(true);
    }
  });

  test('with a configuration of another family is refused', async () => {
    const { description } = await readPretrained(bertFolder);
    expect(() => describedPretrained({ ...description, family: 'vit' })).toThrow(
      expect.objectContaining({ code: 'DIPTYCH_JSON_SHAPE' }),
    );
  });
});

describe('what is refused', () => {
  test.each(families)('%s: a missing, an unknown and an unfit tensor are all named', async (family) => {
    const model = await tinyModel(family);
    const names = [...model.tensors.keys()].filter((name) => name.endsWith('.weight'));
    const [gone, unfit, integer, infinite] = names;
    model.tensors.delete(gone);
    model.tensors.set(unfit, float32([3, 5], new Float32Array(15)));
    const { shape } = model.tensors.get(integer)!;
    const count = shape.reduce((a, b) => a * b, 1);
    model.tensors.set(integer, { dtype: 'I32', shape, data: new Int32Array(count) });
    const bad = model.tensors.get(infinite)!;
    model.tensors.set(infinite, float32(bad.shape, [...(bad.data as Float32Array)].fill(Number.NaN, 3, 4)));
    model.tensors.set('encoder.layer.7.extra.weight', float32([1], [1]));
    const { code, fields } = await refused(model);
    expect(code).toBe('DIPTYCH_PRETRAINED_TENSORS');
    expect(fields).toMatchObject({ missing: [gone], unknown: ['encoder.layer.7.extra.weight'] });
    const { unfit: told } = fields as { unfit: string[] };
    expect(told.sort()).toEqual(
      [
        expect.stringMatching(`^${unfit} is \\[3,5\\], not \\[\\d+,`),
        `${integer} holds I32, not floats`,
        `${infinite} holds numbers that are not finite`,
      ].sort((a, b) => (`${a}` < `${b}` ? -1 : 1)),
    );
  });

  test('two tensors of one meaning', async () => {
    const model = await tinyModel('bert');
    model.tensors.set('bert.embeddings.LayerNorm.gamma', model.tensors.get('embeddings.LayerNorm.weight')!);
    expect((await refused(model)).message).toContain(
      '(unknown: embeddings.LayerNorm.weight beside bert.embeddings.LayerNorm.gamma)',
    );
  });

  test('half a pooler', async () => {
    const model = await tinyModel('bert');
    model.tensors.set('pooler.dense.weight', float32([32, 32], new Float32Array(1024)));
    expect((await refused(model)).message).toContain('(missing: pooler.dense.bias)');
  });

  test('a long list of names is cut in the message, not in the fields', async () => {
    const { message, fields } = await refused(renamed(await tinyModel('bert'), (name) => `other.${name}`));
    expect(message).toMatch(/missing: (\S+, ){7}\S+ and 29 more; unknown: /);
    expect(fields).toMatchObject({ missing: expect.objectContaining({ length: 37 }) });
  });

  test.each([
    ['bert', { model_type: 'gpt2' }, 'DIPTYCH_PRETRAINED_FAMILY'],
    ['bert', { model_type: undefined }, 'DIPTYCH_JSON_SHAPE'],
    ['bert', { hidden_act: 'silu' }, 'DIPTYCH_JSON_SHAPE'],
    ['bert', { position_embedding_type: 'relative_key' }, 'DIPTYCH_JSON_SHAPE'],
    ['bert', { is_decoder: true }, 'DIPTYCH_JSON_SHAPE'],
    ['bert', { num_attention_heads: 5 }, 'DIPTYCH_JSON_SHAPE'],
    ['bert', { num_hidden_layers: 3 }, 'DIPTYCH_PRETRAINED_TENSORS'],
    ['vit', { patch_size: 7 }, 'DIPTYCH_JSON_SHAPE'],
    ['vit', { num_channels: 1 }, 'DIPTYCH_JSON_SHAPE'],
    ['vit', { qkv_bias: false }, 'DIPTYCH_JSON_SHAPE'],
    ['vit', { image_size: 64 }, 'DIPTYCH_PRETRAINED_TENSORS'],
    ['clip', { projection_dim: 25 }, 'DIPTYCH_PRETRAINED_TENSORS'],
    ['clip', { text_config: {} }, 'DIPTYCH_PRETRAINED_TENSORS'],
    ['clip', { vision_config: { hidden_act: 'swish' } }, 'DIPTYCH_JSON_SHAPE'],
  ] as const)('%s with %o', async (family, change, code) => {
    const { config, tensors } = await tinyModel(family);
    expect((await refused({ config: { ...config, ...change }, tensors })).code).toBe(code);
  });

  test('a side that a model does not have', async () => {
    const bert = await readPretrained(bertFolder);
    expect(() => requireImage(bert)).toThrow('a model of type "bert" has no image encoder');
    const vit = await readPretrained(await written(await tinyModel('vit')));
    expect(() => requireText(vit)).toThrow(expect.objectContaining({ code: 'DIPTYCH_PRETRAINED_SIDE' }));
  });

  test('fuzz: a configuration with anything in any field is read or refused with a code', async () => {
    const models = await Promise.all(families.map(tinyModel));
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(0, -1, 1e308, 2 ** 31, 0.5, 'gelu', 'bert', 'vit', 'clip', null, {}),
    );
    const folders = await Promise.all(models.map(written));
    await fc.assert(
      fc.asyncProperty(fc.nat(families.length - 1), fc.nat(), value, async (which, at, put) => {
        const { config } = models[which];
        const key = Object.keys(config)[at % Object.keys(config).length];
        const sides = ['text_config', 'vision_config'];
        const changed = sides.includes(key)
          ? { ...(config[key] as object), [Object.keys(config[key] as object)[at % 7]]: put }
          : put;
        await writeFile(join(folders[which], 'config.json'), JSON.stringify({ ...config, [key]: changed }));
        const error = await readPretrained(folders[which]).then(
          () => undefined,
          (cause: unknown) => cause,
        );
        expect(error === undefined || isDiptychError(error), `${error}`).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
