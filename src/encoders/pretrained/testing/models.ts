/** @file Tiny models in folders, and their parameters and inputs as feeds, for tests. */
import { readFileSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSafetensors, type StoredTensor, writeSafetensors } from '../../../files/safetensors.ts';
import type { Tensor } from '../../../graph/tensor.ts';
import { normalValue } from '../../../graph/testing/check.ts';
import { leavesOf, type Tree } from '../../../graph/tree.ts';
import type { TensorData, Value } from '../../../graph/values.ts';
import { initialise, type ParameterSpec } from '../../../nn/parameters.ts';
import { inputsOf } from '../../../nn/testing/sequences.ts';
import { sharedPath } from '../../../testing/shared.ts';
import { temporaryFolder } from '../../../testing/temporary.ts';
import { fixture } from '../../../testing/tokenizers.ts';

/** A BERT of two layers, with expected numbers. */
export const bertFolder = fileURLToPath(new URL('../golden/bert_tiny', import.meta.url));
/** A ViT and a CLIP of two layers with expected numbers, which are not in every checkout. */
export const vitFolder = sharedPath('golden/vit_tiny');
export const clipFolder = sharedPath('golden/clip_tiny');

/** What a model file holds: numbers of the golden BERT, random ones for the others. */
export interface TinyModel {
  config: Record<string, unknown>;
  tensors: Map<string, StoredTensor>;
}

/** A tiny model to change before it is written. */
export async function tinyModel(family: 'bert' | 'vit' | 'clip'): Promise<TinyModel> {
  if (family === 'bert') {
    const { tensors } = await readSafetensors(join(bertFolder, 'model.safetensors'));
    return { config: JSON.parse(readFileSync(join(bertFolder, 'config.json'), 'utf8')), tensors };
  }
  const fixture = JSON.parse(readFileSync(new URL(`../fixtures/${family}.json`, import.meta.url), 'utf8'));
  const shapes = Object.entries(fixture.tensors as Record<string, number[]>);
  return {
    config: fixture.config,
    tensors: new Map(shapes.map(([name, shape]) => [name, float32(shape, normalValue(shape, name).data, 0.1)])),
  };
}

/** Writes a model as one file. @returns the folder, a temporary one */
export async function written(model: TinyModel): Promise<string> {
  const folder = temporaryFolder();
  await writeModel(folder, model);
  return folder;
}

/** Writes a model as one file into a folder, which is made. */
export async function writeModel(folder: string, { config, tensors }: TinyModel): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  await writeSafetensors(join(folder, 'model.safetensors'), tensors);
}

/** Writes the tiny BERT with a tokenizer of 27 ids. */
export async function writeTinySentenceModel(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of ['config.json', 'model.safetensors']) await copyFile(join(bertFolder, name), join(folder, name));
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(fixture('wordpiece')));
}

export function float32(shape: readonly number[], data: ArrayLike<number>, scale = 1): StoredTensor {
  return { dtype: 'F32', shape, data: Float32Array.from(data, (x) => x * scale) };
}

/** Input tensors for parameters, and their first values as feeds. */
export function parametersOf(
  tree: Tree<ParameterSpec>,
  name = 'params',
): { inputs: Tree<Tensor>; feeds: [string, Value][] } {
  const feeds = [...initialise(tree, 1)].map(([path, tensor]): [string, Value] => [`${name}.${path}`, asValue(tensor)]);
  return { inputs: inputsOf(tree, name) as Tree<Tensor>, feeds };
}

/** Values of a tree of parameters by path. */
export function valuesOf(tree: Tree<ParameterSpec>): Map<string, Value> {
  return new Map([...initialise(tree, 1)].map(([path, tensor]) => [path, asValue(tensor)]));
}

export function asValue({ shape, data }: Pick<TensorData, 'shape' | 'data'>): Value {
  return { shape: [...shape], data: Float64Array.from(data) };
}

/** A stored tensor as a value. */
export function storedValue({ shape, data }: StoredTensor): Value {
  return { shape: [...shape], data: Float64Array.from(data as Iterable<number | bigint>, Number) };
}

/** The tensors under a prefix of their names, without it. */
export function under(prefix: string, tensors: ReadonlyMap<string, StoredTensor>): Map<string, StoredTensor> {
  return new Map(
    [...tensors].flatMap(([name, tensor]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), tensor]] : [])),
  );
}

/** Leaves by path. */
export function leafMap<L extends { readonly shape: readonly unknown[] }>(tree: Tree<L>): Map<string, L> {
  return new Map(leavesOf<L>(tree));
}
