/** @file `index create`: pictures through the model of a bundle, into a new index. */

import { indexCreateSchema } from '../../config/index-options.ts';
import { bytesIn } from '../../config/size.ts';
import { defineVerb } from '../verb.ts';
import { folderWord, sourcesWord } from './index-words.ts';

export const verb = defineVerb({
  schema: indexCreateSchema,
  words: [folderWord, sourcesWord],
  saves: true,
  async run({ words: [folder, ...paths], values: { index, data, machine }, progress, signal, print }) {
    const [{ createIndex, defaultStore }, { sourceAt }, { openOn }, { rememberBundle }, { reportLines }] =
      await Promise.all([
        import('../../index/manage.ts'),
        import('../index-sources.ts'),
        import('../index-bundle.ts'),
        import('../../bundle/hint.ts'),
        import('../index-report.ts'),
      ]);
    const { bundle: path, source, captions, prefix, partition, dtype, replace, recall } = index;
    const { kind, why } = index.store === 'auto' ? await defaultStore() : { kind: index.store, why: 'as asked' };
    print(`store: ${kind === 'lance' ? 'LanceDB' : 'flat files'}, ${why}`);
    const sources = [];
    for (const one of paths) sources.push(await sourceAt(one, source, data));
    const bundle = await openOn(path, machine);
    try {
      const graph = { recall, memory: bytesIn(index.memory) };
      const options = {
        dtype,
        replace,
        partition,
        progress,
        signal,
        store: kind,
        ...graph,
        ...(prefix !== null && { prefix }),
      };
      const reports = await createIndex(folder, bundle, sources, { ...options, ...(captions && { captions }) });
      progress.finish();
      const complete = reports.length === sources.length && reports.every((report) => report.complete);
      if (complete) await rememberBundle(folder, path);
      for (const line of reports.flatMap(reportLines)) print(line);
      return { json: { index: folder, complete, sources: reports } };
    } finally {
      await bundle.close();
    }
  },
});
