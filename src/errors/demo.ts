/** @file Errors of the demonstration. */
import { entry } from './entry.ts';

export const demoErrors = {
  DIPTYCH_DEMO_FOLDER: entry<{ folder: string }>({
    message: ({ folder }) => `${folder}: holds files that no demo made`,
    why: 'The demo replaces what an earlier demo left in its folder, and would not know what else to keep.',
    cure: 'Name an empty or new folder with `--folder`.',
  }),
} as const;
