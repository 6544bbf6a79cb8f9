/** @file Errors of the runs that a server shows. */
import { entry } from './entry.ts';

export const runErrors = {
  DIPTYCH_SERVER_RUN_UNKNOWN: entry<{ name: string; folder: string }>({
    message: ({ name }) => `there is no run ${name}`,
    why: 'The request names a run that is not in the folder of runs that the server shows.',
    cure: 'Use one of the names that GET /v1/runs lists; the folder is that of `diptych serve --runs`.',
  }),
  DIPTYCH_SERVER_RUN_STATE: entry<{ run: string; reason: string }>({
    message: ({ run, reason }) => `${run}: ${reason}`,
    why: 'A run is started under a name of its own, taken up only when nobody trains it, and stopped only while it trains here.',
    cure: 'Look at its state, and choose another name for a new run.',
  }),
  DIPTYCH_SERVER_RUN_START: entry<{ run: string; reason: string }>({
    message: ({ run, reason }) => `${run} did not begin to train: ${reason}`,
    why: 'The process that was to train ended before it had the run, or never got that far.',
    cure: 'Cure what the message names; the file said.log in the folder of the run holds all that it said.',
  }),
  DIPTYCH_SERVER_RUN_LOOK: entry<{ run: string; reason: string }>({
    message: ({ run, reason }) => `${run} was not looked at: ${reason}`,
    why: 'Looking at a run evaluates a checkpoint of it on its validation split, which needs the checkpoint and the pictures.',
    cure: 'Wait for the first checkpoint; see that the data set is where it was, then look again.',
  }),
} as const;
