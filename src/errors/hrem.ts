/** @file Errors of HREM: a batch too small for its graph, options that do not fit each other. */
import { entry } from './entry.ts';

export const hremErrors = {
  DIPTYCH_HREM_DENSITY: entry<{ density: number; pairs: number }>({
    message: ({ density, pairs }) =>
      `a graph density of ${density} leaves each of ${pairs} instances ${Math.floor(density * pairs)} neighbours`,
    why: 'Each instance is linked to floor(density x batch size) others of each modality: at least one, at most the whole batch.',
    cure: 'Raise `--graph-density` towards 0.5, or give a larger `--batch-size`.',
  }),
} as const;
