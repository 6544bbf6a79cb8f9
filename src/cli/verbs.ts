/** @file All verbs: name, one line of help, and where the rest is. Nothing else is loaded until a verb is called. */
import type { Verb } from './verb.ts';

/** One verb. Its name has one word, or two where verbs share the first. */
export interface VerbRow {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Verb>;
}

/** First words that several verbs share. */
export const families: Readonly<Record<string, string>> = {
  data: 'look at captioned pictures',
  index: 'keep the vectors of pictures and captions',
  keys: 'say who may ask the service',
  config: 'look at options: their values, who gave them, what they do',
};

export const verbs: readonly VerbRow[] = [
  {
    name: 'demo',
    summary: 'draws captioned scenes, trains on them from scratch, searches among new ones: all there is, in minutes',
    load: async () => (await import('./verbs/demo.ts')).verb,
  },
  {
    name: 'data check',
    summary: 'what is wrong with a data set: unreadable and repeated pictures, leaking splits, bad records',
    load: async () => (await import('./verbs/data-check.ts')).verb,
  },
  {
    name: 'features',
    summary: 'a frozen backbone over pictures, into a feature file to train on',
    load: async () => (await import('./verbs/features.ts')).verb,
  },
  {
    name: 'train',
    summary: 'trains a model on captioned pictures, in a run folder that can be resumed and repeated',
    load: async () => (await import('./verbs/train.ts')).verb,
  },
  {
    name: 'eval',
    summary: 'recalls of a run or a bundle on a split, alone or as an ensemble, with a report',
    load: async () => (await import('./verbs/eval.ts')).verb,
  },
  {
    name: 'compare',
    summary: 'one table over runs: recalls, curves, cost, and the command of each',
    load: async () => (await import('./verbs/compare.ts')).verb,
  },
  {
    name: 'diagnose',
    summary: 'what is odd about the space of a run: hubs, gap, collapse, scores, objectives',
    load: async () => (await import('./verbs/diagnose.ts')).verb,
  },
  {
    name: 'export',
    summary: 'the model of a run as a bundle that answers queries, compared with what was trained',
    load: async () => (await import('./verbs/export.ts')).verb,
  },
  {
    name: 'index create',
    summary: 'pictures through the model of a bundle, into a new index',
    load: async () => (await import('./verbs/index-create.ts')).verb,
  },
  {
    name: 'index add',
    summary: 'brings further pictures into an index',
    load: async () => (await import('./verbs/index-add.ts')).verb,
  },
  {
    name: 'index update',
    summary: 'brings an index to where its sources are now: adds, encodes again, removes',
    load: async () => (await import('./verbs/index-update.ts')).verb,
  },
  {
    name: 'index info',
    summary: 'what an index holds, of which sources and which model',
    load: async () => (await import('./verbs/index-info.ts')).verb,
  },
  {
    name: 'index check',
    summary: 'reads all of an index and lists what is damaged',
    load: async () => (await import('./verbs/index-check.ts')).verb,
  },
  {
    name: 'index optimize',
    summary: 'puts an index in order and measures how it is best searched',
    load: async () => (await import('./verbs/index-optimize.ts')).verb,
  },
  {
    name: 'index remove',
    summary: 'takes items out of an index; their files are left alone',
    load: async () => (await import('./verbs/index-remove.ts')).verb,
  },
  {
    name: 'index duplicates',
    summary: 'pictures that are the same, or nearly: by file, by pixels, by vector',
    load: async () => (await import('./verbs/index-duplicates.ts')).verb,
  },
  {
    name: 'search',
    summary: 'pictures for a text or a picture, captions for a picture',
    load: async () => (await import('./verbs/search.ts')).verb,
  },
  {
    name: 'serve',
    summary: 'indexes as a web service, with pages to search in',
    load: async () => (await import('./verbs/serve.ts')).verb,
  },
  {
    name: 'keys create',
    summary: 'a key for the service, shown once; the file holds only its hash',
    load: async () => (await import('./verbs/keys-create.ts')).verb,
  },
  {
    name: 'keys list',
    summary: 'whose keys there are, and what each may do',
    load: async () => (await import('./verbs/keys-list.ts')).verb,
  },
  {
    name: 'keys revoke',
    summary: 'takes a key out of force',
    load: async () => (await import('./verbs/keys-revoke.ts')).verb,
  },
  {
    name: 'config explain',
    summary: 'every option of a verb: its value and who gave it; or all about one option',
    load: async () => (await import('./verbs/config-explain.ts')).verb,
  },
  {
    name: 'config show',
    summary: 'the values of a verb as a configuration file to start from',
    load: async () => (await import('./verbs/config-show.ts')).verb,
  },
  {
    name: 'config schema',
    summary: 'JSON Schema of the configuration file of a verb',
    load: async () => (await import('./verbs/config-schema.ts')).verb,
  },
  {
    name: 'doctor',
    summary: 'looks at this machine: what is there, what is missing, how to mend it',
    load: async () => (await import('./verbs/doctor.ts')).verb,
  },
  {
    name: 'bench',
    summary: 'runs a benchmark of the checkout against its peer',
    load: async () => (await import('./verbs/bench.ts')).verb,
  },
];

/** The verb that the words of a command name, flags apart; the longest name wins. */
export function verbOf(argv: readonly string[], known: readonly VerbRow[] = verbs): VerbRow | undefined {
  const words = argv.filter((word) => !word.startsWith('-'));
  const named = (count: number): VerbRow | undefined =>
    known.find(({ name }) => name === words.slice(0, count).join(' '));
  return named(2) ?? named(1);
}
