/** @file Errors of reading and writing files. */
import { entry } from './entry.ts';

export const fileErrors = {
  DIPTYCH_FILE_MISSING: entry<{ path: string }>({
    message: ({ path }) => `${path}: no such file or folder`,
    why: 'A path that was given on the command line, in a configuration or in a data set does not exist.',
    cure: 'Check the path; relative paths are read from the folder the command runs in.',
  }),
  DIPTYCH_FILE_UNREADABLE: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `${path}: cannot be read (${reason})`,
    why: 'The operating system refused to open or read the file.',
    cure: 'Check its permissions and that it is a file, not a folder or a device.',
  }),
  DIPTYCH_FILE_UNWRITABLE: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `${path}: cannot be written (${reason})`,
    why: 'The disk is full, the folder is read-only, or the path is taken. What was there before is unchanged.',
    cure: 'Free space or choose another folder, then run the same command again: finished work is kept.',
  }),
  DIPTYCH_FILE_TOO_LARGE: entry<{ path: string; bytes: number }>({
    message: ({ path, bytes }) => `${path}: ${bytes} bytes, more than is read at once`,
    why: 'A file that is read as a whole is larger than one string or one array can be, or than its limit.',
    cure: 'Split the file. Captions of any number can be given as JSONL or CSV, features of any size as npy.',
  }),
  DIPTYCH_FILE_ENCODING: entry<{ path: string; line: number }>({
    message: ({ path, line }) => `${path}:${line}: not UTF-8`,
    why: 'A text file holds bytes that are not UTF-8, often because it was saved in Latin-1 or Windows-1252.',
    cure: 'Convert the file, for example with `iconv -f WINDOWS-1252 -t UTF-8 old > new`.',
  }),
  DIPTYCH_JSON_SYNTAX: entry<{ path: string; line: number; column: number; reason: string }>({
    message: ({ path, line, column, reason }) => `${path}:${line}:${column}: not JSON: ${reason}`,
    why: 'The file is cut off, was edited by hand, or is of another format (one object a line is JSONL).',
    cure: 'Repair the file at the line and column given, or give it the ending of its format.',
  }),
  DIPTYCH_JSON_SHAPE: entry<{ path: string; problems: readonly string[] }>({
    message: ({ path, problems }) => `${path}: ${problems.join('; ')}`,
    why: 'The file is JSON, but a field is missing, unknown or of another type than it must be.',
    cure: 'Correct the fields named in the message.',
  }),
  DIPTYCH_NPY_INVALID: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `${path}: not a usable npy file: ${reason}`,
    why: 'The file is cut off, its header does not fit its size, or it holds something other than plain numbers.',
    cure: 'Save it again with numpy.save, C order, little-endian, as float16, float32, float64, int32 or int64.',
  }),
  DIPTYCH_NPY_ROWS: entry<{ path: string; start: number; count: number; rows: number }>({
    message: ({ path, start, count, rows }) => `${path}: rows ${start} to ${start + count} of an array of ${rows} rows`,
    why: 'Rows were asked for, or written, that the array does not have; its list of ids may belong to another file.',
    cure: 'Check that the feature file and its list of ids were made together.',
  }),
  DIPTYCH_SAFETENSORS_INVALID: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `${path}: not a usable safetensors file: ${reason}`,
    why: 'The file is cut off, its header does not fit its size, or it uses a number type that is not supported.',
    cure: 'Copy or download the file again; types read are F16, F32, F64, I32, I64, U8, U32 and BOOL.',
  }),
  DIPTYCH_WORD_VECTORS: entry<{ path: string; line?: number | undefined; reason: string }>({
    message: ({ path, line, reason }) => `${path}${line === undefined ? '' : `:${line}`}: ${reason}`,
    why: 'A file of word vectors has one word on each line with its numbers, as many on all lines, separated by spaces; at least one word that is looked for, of the captions or among the concepts, has to be in it.',
    cure: 'Give a file as GloVe and fastText lay it out, in the language of the captions, or do without: relevance labels without a file (`--relevance-labels cider`), concepts that begin otherwise (`--concept-features text-tower`).',
  }),
  DIPTYCH_ARRAY_SHAPE: entry<{ path: string; name: string; shape: readonly number[]; length: number }>({
    message: ({ path, name, shape, length }) => `${path}: ${name} of shape [${shape}] cannot hold ${length} numbers`,
    why: 'An array was to be written whose numbers do not fill its shape.',
    cure: 'This is a mistake in the calling code: give a shape whose product is the number of elements.',
  }),
} as const;
