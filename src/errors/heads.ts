/** @file Errors of runs that begin with what was trained before. */
import { entry } from './entry.ts';

export const headErrors = {
  DIPTYCH_RUN_FROZEN: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `${path}: the weights of the frozen encoder cannot be used: ${reason}`,
    why: 'A run over stored vectors keeps the encoder that made them in its folder, because a search has to encode new texts the same way. The file is damaged or gone.',
    cure: 'Restore it from a copy of the run; or train again, which takes a minute where the vectors are still in the cache.',
  }),
  DIPTYCH_WARM_START: entry<{ folder: string; step: number }>({
    message: ({ folder, step }) =>
      `${folder}: no parameter of step ${step} has a partner of its name and shape in this run`,
    why: 'A warm start takes parameters over by name. Other kinds of towers have other names; another dimension or width of heads has other shapes.',
    cure: 'Choose the towers, `embedding.dimension` and `heads.hidden` of the run to start from; or leave the warm start out.',
  }),
} as const;
