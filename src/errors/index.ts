/** @file Errors of the vector index, its filters and its searches. */
import { entry } from './entry.ts';
import { meant } from './meant.ts';

/** `a, b, c … (12 in all)`: a list that stays readable in one line. */
function some(names: readonly string[], most = 12): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} … (${names.length} in all)` : shown;
}

export const indexErrors = {
  DIPTYCH_INDEX_MISSING: entry<{ path: string }>({
    message: ({ path }) => `${path}: there is no index here`,
    why: 'The folder does not exist or holds no manifest of an index.',
    cure: 'Check the path, or make an index with `diptych index create`.',
  }),
  DIPTYCH_INDEX_EXISTS: entry<{ path: string }>({
    message: ({ path }) => `${path}: there is an index here already`,
    why: 'A new index was to be made in a folder that holds one. Nothing was changed.',
    cure: 'Choose another folder, add to this one with `diptych index update`, or build a new version beside it with `--replace`.',
  }),
  DIPTYCH_INDEX_DAMAGED: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `${path}: damaged (${reason})`,
    why: 'A file of the index is missing, shorter than recorded, or its checksum differs: the disk, a copy or another program changed it. No file was touched.',
    cure: 'Restore the folder from a copy, or build a new version from the pictures with `diptych index create --replace`; `diptych index check` lists all damage.',
  }),
  DIPTYCH_INDEX_OVERTAKEN: entry<{ path: string }>({
    message: ({ path }) => `${path}: the version that was being read was removed before all of it was read`,
    why: 'Other rows were written meanwhile. LanceDB puts them together from time to time and removes versions that are two minutes old; reading took longer than that.',
    cure: 'Run it again: it begins with the newest version. Should it happen again, wait until less is written.',
  }),
  DIPTYCH_INDEX_FORMAT: entry<{ path: string; format: unknown; known: readonly (string | number)[] }>({
    message: ({ path, format, known }) =>
      `${path}: written in format ${format}; this version reads ${some(known.map(String))}`,
    why: 'The index was written by another version of Diptych.',
    cure: 'Use the version of Diptych that wrote it, or build the index again.',
  }),
  DIPTYCH_INDEX_LOCKED: entry<{ path: string; holder: string }>({
    message: ({ path, holder }) => `${path}: being written by ${holder}`,
    why: 'One index has one writer at a time; readers are not held back. A lock whose process is gone is taken over by itself.',
    cure: 'Wait for the other process or stop it, then run the same command again.',
  }),
  DIPTYCH_INDEX_FINGERPRINT: entry<{ path: string; index: string; encoder: string }>({
    message: ({ path, index, encoder }) => `${path}: holds vectors of model ${index}, not of model ${encoder}`,
    why: 'Vectors of different models cannot be compared: scores would be meaningless.',
    cure: 'Use the bundle that made the index, or build a new version with this one: `diptych index create --replace`.',
  }),
  DIPTYCH_INDEX_READ_ONLY: entry<{ path: string }>({
    message: ({ path }) => `${path}: opened for reading, so it cannot be changed`,
    why: 'A change was asked of an index that was opened without the right to write.',
    cure: 'Open it with `write: true`.',
  }),
  DIPTYCH_INDEX_CLOSED: entry<{ path: string }>({
    message: ({ path }) => `${path}: already closed`,
    why: 'An index was used after it had been closed.',
    cure: 'Open it again, or close it later.',
  }),
  DIPTYCH_INDEX_VECTOR: entry<{ id: string; problem: string }>({
    message: ({ id, problem }) => `${id}: ${problem}`,
    why: 'A vector must have the dimension of the index, finite numbers and a length above zero.',
    cure: 'Encode the item again with the model of this index; if it persists, the model gives broken output for it.',
  }),
  DIPTYCH_INDEX_METADATA: entry<{ id: string; problem: string }>({
    message: ({ id, problem }) => `${id}: ${problem}`,
    why: 'Metadata values are strings, finite numbers, booleans, null or lists of strings, under non-empty names.',
    cure: 'Change or leave out that field.',
  }),
  DIPTYCH_INDEX_ID: entry<{ id: string; problem: string }>({
    message: ({ id, problem }) => `${JSON.stringify(id)}: ${problem}`,
    why: 'Ids are non-empty strings other than "." and "..", each used once.',
    cure: 'Give the item another id (`--prefix` sets sources apart), or update instead of adding.',
  }),
  DIPTYCH_INDEX_SOURCE: entry<{ path: string; known: string }>({
    message: ({ path, known }) => `${path}: overlaps ${known}, which this index already holds`,
    why: 'Pictures get their ids from the folder they were indexed from, so one picture reached through two folders would be stored twice.',
    cure: 'Name the folder that the index already holds, or use a second index.',
  }),
  DIPTYCH_INDEX_SOURCE_EMPTY: entry<{ path: string; rows: number }>({
    message: ({ path, rows }) => `${path}: no pictures there, but the index holds ${rows} rows of it`,
    why: 'An update would remove everything that came from this source: more likely a disk is not mounted or the path is wrong.',
    cure: 'Check that the pictures are there; to remove the rows all the same, run `diptych index remove` with the filter {"source": PATH}.',
  }),
  DIPTYCH_INDEX_OPTION: entry<{ option: string; problem: string }>({
    message: ({ option, problem }) => `${option}: ${problem}`,
    why: 'A setting of an index or of a search is outside of what it can be.',
    cure: 'Correct the setting.',
  }),
  DIPTYCH_INDEX_LANCE_MISSING: entry<{ reason: string }>({
    message: ({ reason }) => `LanceDB is not installed here (${reason})`,
    why: 'LanceDB is an optional package with native code; this index is kept by it, or was to be.',
    cure: 'Run `npm install @lancedb/lancedb@0.31.0 apache-arrow@18.1.0`, or make the index with `--store flat`, which needs neither.',
  }),
  DIPTYCH_INDEX_LANCE: entry<{ path: string; reason: string }>({
    message: ({ path, reason }) => `${path}: LanceDB failed (${reason})`,
    why: 'LanceDB could not do what was asked of it. The index is as it was before.',
    cure: 'Look whether the disk is full or cannot be written; `diptych index check` says whether the index is whole.',
  }),
  DIPTYCH_FILTER_SYNTAX: entry<{ reason: string }>({
    message: ({ reason }) => `filter: not JSON (${reason})`,
    why: 'A filter is JSON text, such as {"year": {"gte": 2020}}.',
    cure: 'Correct the JSON; in a shell put it between single quotes.',
  }),
  DIPTYCH_FILTER_SHAPE: entry<{ path: string; problem: string; suggestions: readonly string[] }>({
    message: ({ path, problem, suggestions }) =>
      `filter${path === '' ? '' : ` at ${path}`}: ${problem}${meant(suggestions)}`,
    why: 'A filter maps fields to a value or to operators (eq, ne, in, notIn, lt, lte, gt, gte, exists, contains) and groups filters by all, any, none.',
    cure: 'Correct that place of the filter.',
  }),
  DIPTYCH_FILTER_FIELD: entry<{
    path: string;
    field: string;
    known: readonly string[];
    suggestions: readonly string[];
  }>({
    message: ({ path, field, known, suggestions }) =>
      `filter at ${path}: no item has a field "${field}"${meant(suggestions)} (fields: ${some(known)})`,
    why: 'The filter names a field that no item of the index has ever had, so it could match nothing.',
    cure: 'Use one of the fields that `diptych index info` lists.',
  }),
  DIPTYCH_FILTER_EMPTY: entry<Record<string, never>>({
    message: () => 'filter: it names no condition, so every item would be removed',
    why: 'An empty filter matches everything. That is rarely meant where items are removed, and cannot be undone.',
    cure: 'Name a condition; to remove all items write {"kind": {"exists": true}}.',
  }),
  DIPTYCH_SEARCH_QUERY: entry<{ problem: string }>({
    message: ({ problem }) => `query: ${problem}`,
    why: 'A query is a text, an image file, an id, a vector, or several of these with weights.',
    cure: 'Correct the query.',
  }),
  DIPTYCH_SEARCH_ID: entry<{ id: string }>({
    message: ({ id }) => `no item ${JSON.stringify(id)} in the index`,
    why: 'A search for more like an item needs the id of an item that the index holds.',
    cure: 'Use an id as `diptych search --json` prints it.',
  }),
  DIPTYCH_SEARCH_CAPTIONS: entry<{ path: string }>({
    message: ({ path }) => `${path}: holds no captions to search`,
    why: 'Captions are found by their own vectors, and this index was built from pictures alone.',
    cure: 'Run `diptych index update --captions` with a data set that has captions.',
  }),
} as const;
