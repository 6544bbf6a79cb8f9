/** @file Parameter groups: what holds for the parameters whose dotted names a pattern matches. */
import { DiptychError } from '../../errors/error.ts';
import type { Spec } from '../../graph/tensor.ts';
import { leavesOf, type Tree } from '../../graph/tree.ts';

/** What is not said holds as without the group. */
export interface ParameterGroup {
  /** Whole dotted name; `*` stands for any text. Or a regular expression found anywhere in the name. */
  readonly pattern: string | RegExp;
  /** Times the learning rate. */
  readonly factor?: number;
  /** Never changed; no moments are kept. */
  readonly frozen?: boolean;
  /** Whether it takes part in weight decay, biases and norms included. */
  readonly decay?: boolean;
}

/** What holds for one parameter. */
export interface ParameterSettings {
  readonly factor: number;
  readonly frozen: boolean;
  readonly decays: boolean;
}

/**
 * What holds for each parameter, by path. Without a group: factor 1, trained, and decaying if it has two axes or more, which
 * spares biases, norms and the temperature. Groups are read in order, later ones over earlier ones.
 *
 * @throws DIPTYCH_OPTIMISER_PATTERN if a pattern matches no parameter
 */
export function settingsOf(
  params: Tree<Spec>,
  groups: readonly ParameterGroup[],
): ReadonlyMap<string, ParameterSettings> {
  const leaves = leavesOf<Spec>(params);
  for (const { pattern } of groups) {
    if (!leaves.some(([path]) => matches(pattern, path)))
      throw new DiptychError('DIPTYCH_OPTIMISER_PATTERN', {
        pattern: `${pattern}`,
        names: leaves.map(([path]) => path),
      });
  }
  return new Map(
    leaves.map(([path, { shape }]) => {
      const settings = { factor: 1, frozen: false, decays: shape.length >= 2 };
      for (const { pattern, factor, frozen, decay } of groups) {
        if (!matches(pattern, path)) continue;
        settings.factor = factor ?? settings.factor;
        settings.frozen = frozen ?? settings.frozen;
        settings.decays = decay ?? settings.decays;
      }
      return [path, settings];
    }),
  );
}

function matches(pattern: string | RegExp, path: string): boolean {
  if (typeof pattern !== 'string') return pattern.test(path);
  const literal = pattern.split('*').map((text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literal.join('.*')}$`, 's').test(path);
}
