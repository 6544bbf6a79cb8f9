/** @file Emitting ONNX nodes: fresh names, shared constants, sizes as tensors, pieces that several lowerings share. */
import type { DType } from '../attributes.ts';
import { type Dim, type Shape, termsOf } from '../dims.ts';
import {
  type ElementType,
  elementTypes,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from '../onnx/model.ts';
import type { Tensor } from '../tensor.ts';

/** Where the graph will run; decides between equivalent lowerings. */
export interface Target {
  /** Only operators of the standard ONNX domain, for graphs that leave Diptych. */
  readonly portable: boolean;
}

export class Emitter {
  nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  readonly values: OnnxValue[] = [];
  readonly target: Target;
  readonly #read: ReadonlySet<Tensor>;
  readonly #shared = new Map<string, string[]>();
  readonly #names = new Map<Tensor, string>();
  readonly #sources = new Map<string, { name: string; axis: number }>();
  #count = 0;

  /** @param read tensors that some node, or whoever runs the graph, reads */
  constructor(target: Target, read: ReadonlySet<Tensor>) {
    this.target = target;
    this.#read = read;
  }

  /** Whether anything reads an output of a node: what nothing reads need not be computed. */
  isRead(tensor: Tensor): boolean {
    return this.#read.has(tensor);
  }

  /** Emits a node and returns the names of its outputs. */
  many(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>>,
    outputs: number,
    domain = '',
  ): string[] {
    const names = Array.from({ length: outputs }, () => this.fresh(op));
    this.nodes.push({ op, inputs, outputs: [...names], attributes, domain });
    return names;
  }

  /**
   * Says which shape a float32 value has, and returns its name. Equal sizes have equal names: what runs the graph plans its memory
   * by them, and where it cannot tell that two values are of one size it compares every value with all that were freed before.
   */
  sized(name: string, dims: Shape): string {
    this.values.push({ name, type: 'float32', dims });
    return name;
  }

  /** A name that nothing else has. */
  fresh(hint: string): string {
    return `t${++this.#count}.${hint}`;
  }

  /** The nodes that a function emits, kept apart from the others: the body of a subgraph. */
  within(emit: () => void): OnnxNode[] {
    const around = this.nodes;
    this.nodes = [];
    emit();
    const inner = this.nodes;
    this.nodes = around;
    return inner;
  }

  /** Emits a node with one output and returns its name. */
  one(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain = '',
  ): string {
    return this.many(op, inputs, attributes, 1, domain)[0];
  }

  /** Emits once per key: later calls get the same names. */
  once(key: string, emit: () => string[]): string[] {
    let names = this.#shared.get(key);
    if (!names) {
      names = emit();
      this.#shared.set(key, names);
    }
    return names;
  }

  /** A constant, stored once for equal small contents. */
  constant(
    type: ElementType,
    dims: readonly number[],
    data: Float32Array | Int32Array | Uint8Array | Uint32Array | BigInt64Array,
  ): string {
    const emit = () => {
      const name = `constant_${++this.#count}`;
      this.initializers.push({ name, type, dims, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) });
      return [name];
    };
    return data.length > 64 ? emit()[0] : this.once(`constant ${type} [${dims}] ${data.join(',')}`, emit)[0];
  }

  /** int64 [n]. */
  ints(values: readonly number[]): string {
    return this.constant('int64', [values.length], BigInt64Array.from(values, BigInt));
  }

  /** A float32 scalar. */
  float(value: number): string {
    return this.constant('float32', [], Float32Array.of(value));
  }

  /** The tensor in another element type. */
  cast(name: string, type: ElementType): string {
    return this.one('Cast', [name], { to: elementTypes[type] });
  }

  /** int64 [1] holding a size: a constant, or computed from the shapes of the inputs that carry its names. */
  dim(dim: Dim): string {
    if (typeof dim === 'number') return this.ints([dim]);
    return this.once(`size ${dim}`, () => {
      const terms = termsOf(dim).map(({ coefficient, names }) => {
        const factors = names.map((name) => this.#symbol(name));
        if (coefficient !== 1 || factors.length === 0) factors.push(this.ints([coefficient]));
        return factors.reduce((a, b) => this.one('Mul', [a, b]));
      });
      return [terms.reduce((a, b) => this.one('Add', [a, b]))];
    })[0];
  }

  /** int64 [rank] holding a shape. */
  shape(shape: Shape): string {
    if (shape.every((dim) => typeof dim === 'number')) return this.ints(shape as number[]);
    return this.once(`shape ${shape.join(',')}`, () => [
      this.one(
        'Concat',
        shape.map((dim) => this.dim(dim)),
        { axis: 0 },
      ),
    ])[0];
  }

  /** Says that an input carries symbolic sizes. */
  bindSizes(name: string, shape: Shape): void {
    shape.forEach((dim, axis) => {
      if (typeof dim === 'string' && !this.#sources.has(dim)) this.#sources.set(dim, { name, axis });
    });
  }

  #symbol(symbol: string): string {
    return this.once(`symbol ${symbol}`, () => {
      const source = this.#sources.get(symbol);
      if (!source) throw new Error(`no input carries the size ${symbol}`);
      return [this.one('Shape', [source.name], { start: source.axis, end: source.axis + 1 })];
    })[0];
  }

  /** The name under which a tensor's value is known. */
  nameOf(tensor: Tensor): string {
    const name = this.#names.get(tensor);
    if (name === undefined) throw new Error(`${tensor.node.op} has not been lowered`);
    return name;
  }

  setName(tensor: Tensor, name: string): void {
    this.#names.set(tensor, name);
  }
}

/** ONNX element type of a tensor. */
export function elementTypeOf(dtype: DType): ElementType {
  return dtype;
}
