/** @file The stores that the contract is held against, by names under which a child process finds them too. */
import { createFlatStore, type FlatOptions, flat, openFlatStore } from '../flat/flat-store.ts';
import { lance } from '../lance/lance-store.ts';
import type { StoreKind } from '../store.ts';
import { accelerate } from '../usearch/accelerated.ts';

export { flat, lance };

/** Segments of seven rows: everything that happens between segments happens often. */
export const flatInPieces = withOptions({ segmentRows: 7 });

/** No memory for vectors: every search reads them from disk. */
export const flatFromDisk = withOptions({ memory: 0, segmentRows: 50 });

/** What an index opens: a store that a graph may be put in front of. */
export const acceleratedFlat: StoreKind = {
  kind: 'flat',
  create: async (folder, options) => accelerate(folder, await flat.create(folder, options), true),
  open: async (folder, options = {}) => accelerate(folder, await flat.open(folder, options), options.write === true),
};

function withOptions(settings: FlatOptions): StoreKind {
  return {
    kind: 'flat',
    create: (folder, options) => createFlatStore(folder, { ...options, ...settings }),
    open: (folder, options) => openFlatStore(folder, { ...options, ...settings }),
  };
}
