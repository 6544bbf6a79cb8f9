/** @file The stores that the contract is held against, by names under which a child process finds them too. */
import { createFlatStore, type FlatOptions, flat, openFlatStore } from '../flat/flat-store.ts';
import { lance } from '../lance/lance-store.ts';
import type { StoreKind } from '../store.ts';

export { flat, lance };

/** Segments of seven rows: everything that happens between segments happens often. */
export const flatInPieces = withOptions({ segmentRows: 7 });

/** No memory for vectors: every search reads them from disk. */
export const flatFromDisk = withOptions({ memory: 0, segmentRows: 50 });

function withOptions(settings: FlatOptions): StoreKind {
  return {
    kind: 'flat',
    create: (folder, options) => createFlatStore(folder, { ...options, ...settings }),
    open: (folder, options) => openFlatStore(folder, { ...options, ...settings }),
  };
}
