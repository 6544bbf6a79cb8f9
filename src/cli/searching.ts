/** @file From what was asked on the command line to results, and how they are shown. */

import { rememberedBundle } from '../bundle/hint.ts';
import { readManifest } from '../bundle/manifest.ts';
import type { Bundle } from '../bundle/open.ts';
import { reweighing } from '../bundle/reweigh.ts';
import type { machine } from '../config/machine.ts';
import type { ValuesOf } from '../config/option.ts';
import type { searchSchema } from '../config/search-options.ts';
import { DiptychError } from '../errors/error.ts';
import { parseFilter } from '../index/filter-parse.ts';
import { type Index, openIndex } from '../index/index-folder.ts';
import { type CaptionedResult, searchCaptions } from '../search/lexical/search.ts';
import { parsePart } from '../search/part-text.ts';
import type { QueryPart } from '../search/query.ts';
import { captionsFor, type SearchRequest, type SearchResult, search } from '../search/search.ts';
import { readSet } from '../search/set-file.ts';
import { sheetOf } from '../search/sheet/sheet.ts';
import { writeSheet } from '../search/sheet/write.ts';
import { openOn } from './index-bundle.ts';

type Asked = ValuesOf<(typeof searchSchema)['members']>['search'] & { readonly text: string | undefined };

interface Surroundings {
  readonly machine: ValuesOf<(typeof machine)['members']>;
  /** What people should know of the question. */
  note(line: string): void;
  /** A line of the answer. */
  print(line: string): void;
}

/**
 * Answers a question.
 *
 * @throws DIPTYCH_ARGUMENT_MISSING, DIPTYCH_BUNDLE_UNKNOWN, DIPTYCH_CODER_BETA, and what `openIndex`, `openBundle`, `search` and `writeSheet` throw
 */
export async function answer(asked: Asked, { machine, note, print }: Surroundings): Promise<SearchResult[]> {
  const query = partsOf(asked);
  const index = await openIndex(asked.index);
  let bundle: Bundle | undefined;
  try {
    const { fingerprint } = index.store.manifest();
    // Items of the index have their vectors already, and words in captions need none.
    const needsModel = asked.captions !== 'only' && query.some((part) => 'text' in part || 'image' in part);
    const path = async () => asked.bundle ?? (await rememberedBundle(asked.index, fingerprint));
    if (needsModel) bundle = await openOn(await path(), machine);
    const reweigh = asked.beta === null ? undefined : await reweighed(await path(), asked.beta);
    const warning = asked.text === undefined ? undefined : bundle?.textWarning(asked.text);
    if (warning !== undefined) note(warning);
    const results = await find(index, bundle, query, { ...asked, reweigh });
    for (const result of results) print(lineOf(result));
    if (results.length === 0) print('nothing was found');
    if (asked.sheet !== null) {
      await writeSheetOf(index, query, results, { sheet: asked.sheet, filter: asked.filter });
      print(`written to ${asked.sheet}`);
    }
    return results;
  } finally {
    await Promise.all([bundle?.close(), index.store.close()]);
  }
}

/** The parts of the question. */
function partsOf({ text, image, captionsFor: picture, id, part }: Asked): QueryPart[] {
  const parts: QueryPart[] = [
    ...(text === undefined ? [] : [{ text }]),
    ...(image === null ? [] : [{ image }]),
    ...id.map((one) => ({ id: one })),
    ...part.map(parsePart),
  ];
  if (picture === null && parts.length > 0) return parts;
  if (picture !== null && parts.length === 0) return [{ image: picture }];
  if (picture !== null) throw new DiptychError('DIPTYCH_SEARCH_QUERY', { problem: '--captions-for stands alone' });
  const argument = 'a text, --image, --captions-for, --id or --part';
  throw new DiptychError('DIPTYCH_ARGUMENT_MISSING', { verb: 'diptych search', argument });
}

/** Queries with another share of the concept branch than the index was made with. @throws DIPTYCH_CODER_BETA */
async function reweighed(bundle: string, beta: number): Promise<(query: Float32Array) => Float32Array> {
  return reweighing(bundle, await readManifest(bundle), beta);
}

async function find(
  index: Index,
  bundle: Bundle | undefined,
  query: readonly QueryPart[],
  { captionsFor: picture, captions, top, threshold, filter, within, reweigh }: Asked & Pick<SearchRequest, 'reweigh'>,
): Promise<(SearchResult | CaptionedResult)[]> {
  const fields = Object.keys(index.store.manifest().fields);
  const request = {
    query,
    top,
    reweigh,
    threshold: threshold ?? undefined,
    filter: filter === null ? undefined : parseFilter(filter, fields),
    within: within === null ? undefined : await readSet(within),
  };
  if (picture !== null) {
    const found = await captionsFor(index, bundle, request);
    return found.map(({ text, image, ...rest }) => ({ ...rest, metadata: { text, image } }));
  }
  return captions === 'off' ? search(index, bundle, request) : searchCaptions(index, bundle, { ...request, captions });
}

/**
 * `0.312  dogs.jpg  /photos/dogs.jpg`; a caption shows its text and the id of its picture, a picture that was looked for
 * in captions its ranks by vector and by captions.
 */
function lineOf(result: SearchResult | CaptionedResult): string {
  const { id, score, path } = result;
  const { text, image } = result.metadata;
  const told = typeof text === 'string' ? [text, String(image)] : [id, path ?? ''];
  const ranks = 'ranks' in result ? [`${result.ranks.vector ?? '–'} + ${result.ranks.captions ?? '–'}`] : [];
  return [score.toFixed(3), ...ranks, ...told].join('  ').trimEnd();
}

async function writeSheetOf(
  { store }: Index,
  query: readonly QueryPart[],
  results: readonly SearchResult[],
  { sheet, filter }: { readonly sheet: string; readonly filter: string | null },
): Promise<void> {
  const items = await store.get(query.flatMap((part) => ('id' in part ? [part.id] : [])));
  const paths = new Map(items.map((item) => [item?.id, item?.metadata.path]));
  const pictureOf = (id: string): string | undefined => {
    const path = paths.get(id);
    return typeof path === 'string' ? path : undefined;
  };
  const note = `the best ${results.length} of ${store.manifest().rows} rows${filter === null ? '' : ` that match ${filter}`}`;
  await writeSheet(sheet, sheetOf(query, results, note, pictureOf));
}
