/** @file Trees: nested objects whose leaves are tensors (or specs, or arrays). Paths are dotted names. */

/** A nested object with leaves of one type. */
export type Tree<L> = { readonly [name: string]: L | Tree<L> };

/** The same tree with leaves of another type. */
export type MapTree<T, L, M> = { readonly [K in keyof T]: T[K] extends L ? M : MapTree<T[K], L, M> };

/** Tells a leaf from an inner object: leaves carry a `shape`. */
type Leaf = { readonly shape: readonly unknown[] };

export function isLeaf(value: unknown): value is Leaf {
  return typeof value === 'object' && value !== null && Array.isArray((value as Leaf).shape);
}

/** Leaves with their dotted paths, in the order of the keys. */
export function leavesOf<L extends Leaf>(tree: Tree<L>, prefix = ''): [path: string, leaf: L][] {
  return Object.entries(tree).flatMap(([name, value]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    return isLeaf(value) ? [[path, value as L] as [string, L]] : leavesOf(value as Tree<L>, path);
  });
}

/** A tree of the same form with each leaf replaced. */
export function mapTree<T, L extends Leaf, M>(
  tree: T,
  replace: (leaf: L, path: string) => M,
  prefix = '',
): MapTree<T, L, M> {
  return Object.fromEntries(
    Object.entries(tree as Record<string, unknown>).map(([name, value]) => {
      const path = prefix === '' ? name : `${prefix}.${name}`;
      return [name, isLeaf(value) ? replace(value as unknown as L, path) : mapTree(value, replace, path)];
    }),
  ) as MapTree<T, L, M>;
}

/** Several trees of one form combined leaf by leaf. The first gives the form. */
export function zipTrees<T, L extends Leaf, M>(
  first: T,
  others: readonly unknown[],
  combine: (leaves: L[], path: string) => M,
  prefix = '',
): MapTree<T, L, M> {
  return Object.fromEntries(
    Object.entries(first as Record<string, unknown>).map(([name, value]) => {
      const path = prefix === '' ? name : `${prefix}.${name}`;
      const rest = others.map((other) => (other as Record<string, unknown>)[name]);
      return [
        name,
        isLeaf(value) ? combine([value, ...rest] as unknown as L[], path) : zipTrees(value, rest, combine, path),
      ];
    }),
  ) as MapTree<T, L, M>;
}

/** A tree from dotted paths. */
export function treeFrom<L>(leaves: Iterable<readonly [path: string, leaf: L]>): Tree<L> {
  const root: Record<string, unknown> = {};
  for (const [path, leaf] of leaves) {
    const names = path.split('.');
    let at = root;
    for (const name of names.slice(0, -1)) {
      at[name] ??= {};
      at = at[name] as Record<string, unknown>;
    }
    at[names[names.length - 1]] = leaf;
  }
  return root as Tree<L>;
}
