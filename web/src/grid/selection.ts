/** @file Which items are chosen: one by one, or a stretch of them. */

export interface Selection {
  readonly ids: ReadonlySet<string>;
  /** Where a stretch begins. */
  readonly anchor: string | undefined;
}

export const none: Selection = { ids: new Set(), anchor: undefined };

/** Chooses an item, or lets go of it. */
export function toggle({ ids }: Selection, id: string): Selection {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, anchor: id };
}

/** Chooses everything from the anchor to an item, in the order shown. */
export function reach(selection: Selection, id: string, order: readonly string[]): Selection {
  const from = selection.anchor === undefined ? -1 : order.indexOf(selection.anchor);
  const to = order.indexOf(id);
  if (from < 0 || to < 0) return toggle(selection, id);
  const stretch = order.slice(Math.min(from, to), Math.max(from, to) + 1);
  return { ids: new Set([...selection.ids, ...stretch]), anchor: selection.anchor };
}

/** Chooses all of these. */
export function all(order: readonly string[]): Selection {
  return { ids: new Set(order), anchor: order[0] };
}

/** What is left of a selection when some items have gone. */
export function without({ ids, anchor }: Selection, gone: Iterable<string>): Selection {
  const next = new Set(ids);
  for (const id of gone) next.delete(id);
  return { ids: next, anchor: anchor !== undefined && next.has(anchor) ? anchor : undefined };
}
