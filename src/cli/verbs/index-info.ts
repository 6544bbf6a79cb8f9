/** @file `index info`: what an index says of itself. */
import { defineSchema } from '../../config/schema.ts';
import type { IndexInfo } from '../../index/manage.ts';
import { sizeText } from '../machine.ts';
import { defineVerb } from '../verb.ts';
import { folderWord } from './index-words.ts';

export const verb = defineVerb({
  schema: defineSchema({}),
  words: [folderWord],
  async run({ words: [folder], print }) {
    const { indexInfo } = await import('../../index/manage.ts');
    const info = await indexInfo(folder);
    print(textOf(info));
    return { json: info };
  },
});

function textOf(info: IndexInfo): string {
  const fields = Object.entries(info.fields).map(([name, types]) => `${name} (${types.join(' or ')})`);
  return [
    `${info.folder}, ${info.versionInUse}: ${info.images} pictures, ${info.captions} captions, ${sizeText(info.bytes)}`,
    `vectors: ${info.dimension} x ${info.dtype}, of model ${info.fingerprint}`,
    `store: ${info.kind}, version ${info.version}; search: ${searchText(info)}`,
    ...info.sources.map(
      ({ kind, place, prefix, rows }) => `${kind} ${place}${prefix && `, ids ${prefix}…`}: ${rows} rows`,
    ),
    `fields: ${fields.join(', ') || 'none'}`,
    `changed: ${info.updated}`,
    `set aside: ${info.quarantined.length}`,
    ...info.quarantined.slice(0, 10).map(({ file, reason }) => `  ${file}: ${reason}`),
  ].join('\n');
}

/** `graph (i8), recall@10 0.9932 measured with 48 candidates`; or that all rows are tried. */
function searchText({ graph }: IndexInfo): string {
  if (graph === null) return 'all rows are tried';
  const { parameters, recall, candidates, queries } = graph;
  return `graph (${parameters.quantization}), recall@10 ${recall.toFixed(4)} with ${candidates} candidates, measured with ${queries} queries`;
}
