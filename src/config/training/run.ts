/** @file Options of the folder of a run, and of taking it up again. */
import { z } from 'zod';
import { path } from '../form.ts';
import { group, option } from '../option.ts';
import { positive } from '../types.ts';

export const run = group('Where the run is written', {
  directory: option({
    type: path.nullable(),
    default: null,
    flag: 'run',
    help: 'folder of configuration, logs and checkpoints; none names one under runs/ after the time',
    source: 'diptych',
  }),
  resume: option({
    type: z.boolean(),
    default: false,
    help: 'goes on from the last checkpoint of that folder, bit for bit',
    source: 'diptych',
  }),
  fromStep: option({
    type: z.int().min(0).nullable(),
    default: null,
    help: 'with resume: goes on from the checkpoint of this step, and sets later ones aside',
    source: 'diptych',
  }),
  extendTo: option({
    type: positive.nullable(),
    default: null,
    help: 'with resume: makes the whole run so many epochs long, or steps where its length was given in steps',
    tooSmall: 'Refused: a run that is under way does not become shorter.',
    tooLarge: 'A schedule that had fallen rises again, and what was learnt late is partly undone.',
    source: 'diptych',
  }),
});
