/** @file `index remove`: takes items out of an index, by id or by their metadata; their files are left alone. */
import { indexRemoveSchema } from '../../config/index-options.ts';
import { DiptychError } from '../../errors/error.ts';
import { defineVerb } from '../verb.ts';
import { folderWord } from './index-words.ts';

export const verb = defineVerb({
  schema: indexRemoveSchema,
  words: [folderWord, { name: 'ids', help: 'ids of the items', optional: true, many: true }],
  async run({ words: [folder, ...ids], values: { remove }, print }) {
    if (ids.length === 0 && remove.filter === null) {
      throw new DiptychError('DIPTYCH_ARGUMENT_MISSING', { verb: 'diptych index remove', argument: 'IDS or --filter' });
    }
    const [{ indexInfo, removeFromIndex }, { parseFilter }] = await Promise.all([
      import('../../index/manage.ts'),
      import('../../index/filter-parse.ts'),
    ]);
    const fields = Object.keys((await indexInfo(folder)).fields);
    const filter = remove.filter === null ? undefined : parseFilter(remove.filter, fields);
    const removed = await removeFromIndex(folder, { ids, ...(filter && { filter }) });
    print(`${folder}: ${removed} rows removed`);
    return { json: { removed } };
  },
});
