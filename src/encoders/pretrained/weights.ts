/** @file From the tensors of a file to a tree of parameters, by a table of names; nothing is skipped in silence. */
import { joined } from '../../data/vectors.ts';
import { DiptychError } from '../../errors/error.ts';
import { fromFloat16 } from '../../files/float16.ts';
import type { StoredTensor } from '../../files/safetensors.ts';
import { type Tree, treeFrom } from '../../graph/tree.ts';
import { fromArray, type Initialiser, zeros } from '../../nn/initialisers.ts';
import { type ParameterSpec, parameter } from '../../nn/parameters.ts';

/** One of our parameters and what it is made of. */
export interface WeightRow {
  /** Dotted path in the tree. */
  readonly path: string;
  readonly shape: readonly number[];
  /** Names in the file; several are joined along the first axis. */
  readonly from: readonly string[];
  /** Shape of each tensor in the file, where it is another one of the same elements. */
  readonly stored?: readonly number[];
}

/** The names of a family's tensors. */
export interface Naming {
  readonly rows: readonly WeightRow[];
  /** Taken if the file has any of them. */
  readonly optional?: readonly WeightRow[];
  /** Rewrites, in this order, that bring names of other versions and of models with a task to those of the rows. */
  readonly aliases: readonly (readonly [pattern: RegExp, replacement: string])[];
  /** Names, rewritten, of what belongs to no encoder: heads of other tasks, tables that can be counted. */
  readonly leftOut: readonly RegExp[];
}

/** Weights as parameters. */
export interface Weights {
  readonly parameters: Tree<ParameterSpec>;
  readonly optional: Tree<ParameterSpec> | undefined;
}

/** Weights whose first values are those of a file. */
export interface TakenWeights extends Weights {
  /** Names of the tensors that belong to no encoder. */
  readonly leftOut: readonly string[];
}

/**
 * Takes the weights of a model.
 *
 * @param folder named in errors
 * @throws DIPTYCH_PRETRAINED_TENSORS naming every tensor that is missing, unknown, or of another shape, type or not finite
 */
export function takeWeights(
  folder: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  { rows, optional = [], aliases, leftOut }: Naming,
): TakenWeights {
  const { nameOf, twice } = byRowName(tensors, aliases);
  const hasOptional = namesOf(optional).some((name) => nameOf.has(name));
  const wanted = hasOptional ? [...rows, ...optional] : rows;
  const known = new Set(namesOf(wanted));
  const others = [...nameOf].filter(([name]) => !known.has(name));
  const belongsToNone = (name: string) => leftOut.some((pattern) => pattern.test(name));
  const given = new Map(
    [...known].filter((name) => nameOf.has(name)).map((name) => [name, givenOf(tensors, nameOf.get(name)!)]),
  );
  const missing = [...known].filter((name) => !nameOf.has(name));
  const unknown = [...twice, ...others.filter(([name]) => !belongsToNone(name)).map(([, stored]) => stored)];
  const unfit = wanted.flatMap((row) => row.from.flatMap((name) => faultOf(row, given.get(name))));
  if (missing.length + unknown.length + unfit.length > 0) {
    throw new DiptychError('DIPTYCH_PRETRAINED_TENSORS', { folder, missing, unknown, unfit });
  }
  const valuesOf = ({ from }: WeightRow) => fromArray(joined(from.map((name) => given.get(name)!.numbers!)));
  return {
    parameters: treeOf(rows, valuesOf),
    optional: hasOptional ? treeOf(optional, valuesOf) : undefined,
    leftOut: others.filter(([name]) => belongsToNone(name)).map(([, stored]) => stored),
  };
}

/** The same parameters without a file, all zero: for programs, whose state comes from elsewhere. */
export function emptyWeights({ rows, optional = [] }: Naming, hasOptional: boolean): Weights {
  const zero = () => zeros;
  return { parameters: treeOf(rows, zero), optional: hasOptional ? treeOf(optional, zero) : undefined };
}

function treeOf(rows: readonly WeightRow[], init: (row: WeightRow) => Initialiser): Tree<ParameterSpec> {
  return treeFrom(rows.map((row) => [row.path, parameter(row.shape, init(row))]));
}

/** The name in the file of each name in the rows; where two come to the same, the second is told apart. */
function byRowName(tensors: ReadonlyMap<string, StoredTensor>, aliases: Naming['aliases']) {
  const nameOf = new Map<string, string>();
  const twice: string[] = [];
  for (const stored of tensors.keys()) {
    const name = aliases.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), stored);
    const same = nameOf.get(name);
    if (same === undefined) nameOf.set(name, stored);
    else twice.push(`${stored} beside ${same}`);
  }
  return { nameOf, twice };
}

/** Weight and bias of a linear map. */
export function linearRows(path: string, from: readonly string[], shape: readonly [number, number]): WeightRow[] {
  return [
    { path: `${path}.weight`, shape, from: from.map((name) => `${name}.weight`) },
    { path: `${path}.bias`, shape: [shape[0]], from: from.map((name) => `${name}.bias`) },
  ];
}

/** Scale and shift of a norm. */
export function normRows(path: string, from: string, width: number): WeightRow[] {
  return [
    { path: `${path}.scale`, shape: [width], from: [`${from}.weight`] },
    { path: `${path}.shift`, shape: [width], from: [`${from}.bias`] },
  ];
}

function namesOf(rows: readonly WeightRow[]): string[] {
  return rows.flatMap(({ from }) => from);
}

/** A tensor of the file under its name there; no numbers if they are not floats. */
interface Given {
  readonly name: string;
  readonly tensor: StoredTensor;
  readonly numbers: Float32Array | undefined;
}

function givenOf(tensors: ReadonlyMap<string, StoredTensor>, name: string): Given {
  const tensor = tensors.get(name)!;
  return { name, tensor, numbers: numbersOf(tensor) };
}

/** What is wrong with a tensor, if it is there and anything is. */
function faultOf({ shape, from, stored }: WeightRow, given: Given | undefined): string[] {
  if (given === undefined) return [];
  const { name, tensor, numbers } = given;
  const expected = stored ?? shape.map((size, axis) => (axis === 0 ? size / from.length : size));
  if (`${tensor.shape}` !== `${expected}`) return [`${name} is [${tensor.shape}], not [${expected}]`];
  if (numbers === undefined) return [`${name} holds ${tensor.dtype}, not floats`];
  return numbers.every(Number.isFinite) ? [] : [`${name} holds numbers that are not finite`];
}

/** Floats of any width as float32. */
function numbersOf({ dtype, data }: StoredTensor): Float32Array | undefined {
  switch (dtype) {
    case 'F32':
      return data;
    case 'F16':
      return fromFloat16(data);
    case 'F64':
      return Float32Array.from(data);
    default:
      return undefined;
  }
}
