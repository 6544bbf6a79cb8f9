/** @file Errors of runs that begin with what others trained. */
import { entry } from './entry.ts';

export const headErrors = {
  DIPTYCH_RUN_FROZEN: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `${path}: the weights of the frozen encoder cannot be used: ${reason}`,
    why: 'A run over stored vectors keeps the encoder that made them in its folder, because a search has to encode new texts the same way. The file is damaged or gone.',
    cure: 'Restore it from a copy of the run; or train again, which takes a minute where the vectors are still in the cache.',
  }),
} as const;
