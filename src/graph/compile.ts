/** @file Tracing a pure function over trees of tensors and compiling it to one ONNX graph. */
import { DiptychError } from '../errors/error.ts';
import type { DType } from './attributes.ts';
import { type Shape, sameShape, shapeText } from './dims.ts';
import { lower } from './lower/lower.ts';
import { encodeModel } from './onnx/model.ts';
import { input } from './ops/leaves.ts';
import type { Spec, Tensor } from './tensor.ts';
import { leavesOf, type MapTree, mapTree, type Tree } from './tree.ts';

/** One input or output of a compiled graph. */
export interface Port {
  /** Name in the graph. */
  readonly name: string;
  /** Dotted path in its tree. */
  readonly path: string;
  /** `next` is what a step writes for a state entry. */
  readonly role: 'state' | 'batch' | 'next' | 'output';
  readonly shape: Shape;
  readonly dtype: DType;
  /** The shape in which the graph writes it, if that differs: the same elements in the same order. */
  readonly writtenShape?: readonly number[];
}

/** A compiled function: plain data that another thread can load. */
export interface Program {
  readonly name: string;
  readonly model: Uint8Array;
  readonly inputs: readonly Port[];
  /** State entries that the function returns unchanged are not listed: nothing is written for them. */
  readonly outputs: readonly Port[];
}

/** The name that a port gets: no two trees share one. */
function portName(port: Pick<Port, 'role' | 'path'>): string {
  return `${port.role}.${port.path}`;
}

/** Shapes and element types of the trees that a function is traced with. */
export interface Signature<S, B> {
  readonly state: S;
  readonly batch: B;
}

type Symbolic<T> = MapTree<T, Spec, Tensor>;

/**
 * Compiles a training step `(state, batch) -> { state, metrics }`.
 *
 * @param name names the program in messages and in the runtime's cache
 * @param signature specs of the state and of the batch; sizes may be symbolic in the batch
 * @param step a pure function; the state it returns has the form it was given
 * @throws DIPTYCH_GRAPH_STATE if the returned state differs in form, shape or element type
 */
export function compileStep<S extends Tree<Spec>, B extends Tree<Spec>>(
  name: string,
  signature: Signature<S, B>,
  step: (state: Symbolic<S>, batch: Symbolic<B>) => { state: Tree<Tensor>; metrics: Tree<Tensor> },
): Program {
  const { state, batch } = symbolic(signature);
  const result = step(state, batch);
  const before = leavesOf<Tensor>(state as Tree<Tensor>);
  const after = new Map(leavesOf<Tensor>(result.state));
  for (const path of after.keys()) {
    if (!before.some(([known]) => known === path)) throw stateError(path, 'was returned but not given');
  }
  const changed = before.flatMap(([path, old]) => {
    const next = after.get(path);
    if (!next) throw stateError(path, 'was given but not returned');
    if (!sameShape(old.shape, next.shape) || old.dtype !== next.dtype) {
      throw stateError(
        path,
        `was ${old.dtype} ${shapeText(old.shape)}, the step returns ${next.dtype} ${shapeText(next.shape)}`,
      );
    }
    return next === old ? [] : [{ path, role: 'next' as const, tensor: next }];
  });
  const metrics = leavesOf<Tensor>(result.metrics).map(([path, tensor]) => ({ path, role: 'output' as const, tensor }));
  return assemble(name, state, batch, [...changed, ...metrics]);
}

/**
 * Compiles a function `(state, batch) -> outputs` that leaves the state as it is, such as an encoder.
 */
export function compileFunction<S extends Tree<Spec>, B extends Tree<Spec>>(
  name: string,
  signature: Signature<S, B>,
  call: (state: Symbolic<S>, batch: Symbolic<B>) => Tree<Tensor>,
): Program {
  const { state, batch } = symbolic(signature);
  const outputs = leavesOf<Tensor>(call(state, batch)).map(([path, tensor]) => ({
    path,
    role: 'output' as const,
    tensor,
  }));
  return assemble(name, state, batch, outputs);
}

function symbolic<S extends Tree<Spec>, B extends Tree<Spec>>(signature: Signature<S, B>) {
  const inputs = <T>(tree: T, role: Port['role']) =>
    mapTree(tree, (spec: Spec, path) => input(portName({ role, path }), spec.shape, spec.dtype)) as Symbolic<T>;
  return { state: inputs(signature.state, 'state'), batch: inputs(signature.batch, 'batch') };
}

function assemble(
  name: string,
  state: unknown,
  batch: unknown,
  outputs: { path: string; role: Port['role']; tensor: Tensor }[],
): Program {
  const entries = (['state', 'batch'] as const).flatMap((role) =>
    leavesOf<Tensor>((role === 'state' ? state : batch) as Tree<Tensor>).map(([path, tensor]) => ({
      path,
      role,
      tensor,
    })),
  );
  const { graph, written } = lower(
    new Map(outputs.map((output) => [portName(output), output.tensor])),
    entries.map((entry) => entry.tensor),
    { portable: false },
    new Set(outputs.filter(({ role }) => role === 'next').map(portName)),
  );
  const used = new Set(graph.inputs.map((value) => value.name));
  const port = ({ path, role, tensor }: (typeof outputs)[number]): Port => ({
    name: portName({ role, path }),
    path,
    role,
    shape: tensor.shape,
    dtype: tensor.dtype,
  });
  return {
    name,
    model: encodeModel(graph),
    inputs: entries.filter((entry) => used.has(portName(entry))).map(port),
    outputs: outputs.map((output) => {
      const shape = written.get(portName(output)) as readonly number[] | undefined;
      return shape ? { ...port(output), writtenShape: shape } : port(output);
    }),
  };
}

function stateError(path: string, problem: string) {
  return new DiptychError('DIPTYCH_GRAPH_STATE', { path, problem });
}
