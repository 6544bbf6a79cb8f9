/** @file `index check`: reads all of an index and lists what is damaged. */
import { defineSchema } from '../../config/schema.ts';
import { defineVerb } from '../verb.ts';
import { folderWord } from './index-words.ts';

export const verb = defineVerb({
  schema: defineSchema({}),
  words: [folderWord],
  async run({ words: [folder], print }) {
    const { checkIndex } = await import('../../index/manage.ts');
    const report = await checkIndex(folder);
    for (const { place, reason } of report.damages) print(`${place}: ${reason}`);
    print(
      `${folder}: ${report.rows} rows, ${report.damages.length === 0 ? 'all whole' : `${report.damages.length} faults`}`,
    );
    return { json: report, exit: report.damages.length === 0 ? 0 : 1 };
  },
});
