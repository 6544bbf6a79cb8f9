/** @file Memory that begins as a copy of parameters: put in place once the state of a run has its first values. */
import type { TensorData } from '../graph/values.ts';
import type { Objective } from './objective.ts';

/**
 * Puts the first values of copies in place: `memory.NAME.TO…` becomes what `params.FROM…` is.
 *
 * @param state tensors by path, changed
 */
export function beginCopies(
  state: Map<string, TensorData>,
  { name, copies = {} }: Pick<Objective, 'name' | 'copies'>,
): void {
  for (const [to, from] of Object.entries(copies)) {
    const place = `memory.${name}.${to}.`;
    for (const path of state.keys()) {
      if (!path.startsWith(place)) continue;
      const { data, ...rest } = state.get(`params.${from}.${path.slice(place.length)}`)!;
      state.set(path, { ...rest, data: data.slice() } as TensorData);
    }
  }
}
