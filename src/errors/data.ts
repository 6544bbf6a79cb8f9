/** @file Errors of reading data sets: what makes a whole set unusable. Single bad records are quarantined instead. */
import { entry } from './entry.ts';

export const dataErrors = {
  DIPTYCH_DATA_FORMAT_UNKNOWN: entry<{ path: string; found: string }>({
    message: ({ path, found }) => `${path}: no data set is recognised here (${found})`,
    why:
      'The path holds none of the known formats: Karpathy JSON, COCO captions JSON, precomp arrays, JSONL, CSV, TSV, or ' +
      'pictures with a text file of the same name beside each.',
    cure: 'Give the file that holds the captions rather than a folder above it, or name the format with `format`.',
  }),
  DIPTYCH_DATA_FORMAT_AMBIGUOUS: entry<{ path: string; candidates: readonly string[] }>({
    message: ({ path, candidates }) => `${path}: more than one data set lies here: ${candidates.join(', ')}`,
    why: 'A folder was given that holds several files of captions, so that any choice would be a guess.',
    cure: 'Give the path of the one file that is meant, or name its format with `format`.',
  }),
  DIPTYCH_DATA_COLUMN_MISSING: entry<{ path: string; role: string; columns: readonly string[] }>({
    message: ({ path, role, columns }) => `${path}: no ${role} among the columns ${columns.join(', ') || '(none)'}`,
    why: 'A table has no column of a usual name for the pictures or the captions, or a column that was named is not there.',
    cure: 'Name the columns with `columns`, for example image=filename and captions=title.',
  }),
  DIPTYCH_DATA_BROKEN: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `${path}: ${reason}`,
    why: 'The files of a data set contradict each other, so that captions could be given to the wrong pictures.',
    cure: 'Get the files of one release together; nothing is guessed where counts disagree.',
  }),
  DIPTYCH_DATA_EMPTY: entry<{ path: string; quarantined: number; first?: string | undefined }>({
    message: ({ path, quarantined, first }) =>
      `${path}: not one usable record${first === undefined ? '' : `; ${quarantined} were set aside, the first: ${first}`}`,
    why: 'The data set is empty, or every record of it was set aside for a reason of its own.',
    cure: 'See the reason given; often the wrong column or the wrong file was named.',
  }),
  DIPTYCH_DATA_PICTURES_MISSING: entry<{ path: string; count: number; example: string; folders: readonly string[] }>({
    message: ({ path, count, example, folders }) =>
      `${path}: not one of its ${count} pictures was found, such as ${example}; looked in ${folders.join(', ')}`,
    why: 'The captions were read, but the pictures lie elsewhere.',
    cure: 'Give the folder of the pictures with `images`. A run on a feature file (`features`) needs no pictures.',
  }),
  DIPTYCH_DATA_SPLIT: entry<{ reason: string }>({
    message: ({ reason }) => `cannot split: ${reason}`,
    why: 'The fractions of a split by hash must be at least 0 and add up to 1.',
    cure: 'Give for example train=0.8, val=0.1, test=0.1.',
  }),
} as const;
