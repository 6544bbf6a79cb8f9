/** @file Words that the `index` verbs share. */
import type { Argument } from '../verb.ts';

export const folderWord: Argument = { name: 'index', help: 'folder of the index' };

export const sourcesWord: Argument = {
  name: 'sources',
  help: 'folders of pictures, data sets, or lists of paths',
  many: true,
};
