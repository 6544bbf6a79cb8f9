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
} as const;
