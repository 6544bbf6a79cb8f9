/** @file Holds the directions of imports: data flows from `graph` to `cli`, and nothing looks back. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** What each folder may import beside itself, in the order in which data flows. Tests and their helpers are free. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  random: [],
  system: ['errors', 'files'],
  files: ['errors'],
  config: ['errors', 'files'],
  graph: ['errors', 'random', 'system'],
  nn: ['graph', 'errors', 'random'],
  data: ['encoders', 'errors', 'files', 'random', 'system'],
  encoders: ['graph', 'nn', 'data', 'errors', 'files', 'system'],
  demo: ['data', 'files', 'random', 'system'],
  evaluation: ['data', 'errors', 'files', 'random', 'system'],
  methods: ['config', 'graph', 'nn', 'data', 'encoders', 'evaluation', 'errors', 'files', 'random', 'system'],
  training: [
    'config',
    'graph',
    'nn',
    'data',
    'encoders',
    'methods',
    'evaluation',
    'errors',
    'files',
    'random',
    'system',
  ],
  index: ['config', 'data', 'errors', 'files', 'random', 'system'],
  bundle: [
    'config',
    'graph',
    'nn',
    'data',
    'encoders',
    'methods',
    'training',
    'index',
    'errors',
    'files',
    'random',
    'system',
  ],
  serving: ['data', 'encoders', 'bundle', 'index', 'errors', 'files', 'system'],
  search: ['index', 'data', 'evaluation', 'errors', 'files'],
  trained: [
    'config',
    'graph',
    'nn',
    'data',
    'methods',
    'training',
    'evaluation',
    'bundle',
    'index',
    'errors',
    'files',
    'random',
    'system',
  ],
  server: [
    'serving',
    'search',
    'trained',
    'training',
    'bundle',
    'index',
    'data',
    'errors',
    'files',
    'random',
    'system',
  ],
  client: ['server'],
};

/** Single imports against the direction, each with its reason. */
const exceptions: readonly (readonly [file: string, imported: string, reason: string])[] = [];

/** What a method may import of its sisters: nothing but what all share. */
const sharedByMethods = [
  'methods/objective.ts',
  'methods/embedding.ts',
  'methods/composition-options.ts',
  'methods/schema.ts',
  'methods/stages.ts',
  'methods/objectives/',
];

interface Edge {
  readonly from: string;
  readonly to: string;
}

const root = import.meta.dirname;

/** Every import of one file of the product by another, as paths under `src`. */
function edgesOfProduct(): Edge[] {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'));
  return paths.flatMap((from) => {
    if (!from.endsWith('.ts') || isHelper(from)) return [];
    const text = readFileSync(join(root, from), 'utf8');
    if (text.includes("from 'vitest'")) return [];
    return importsIn(text).map((name) => {
      const to = relative(root, resolve(root, dirname(from), name));
      return { from, to: to.replaceAll('\\', '/') };
    });
  });
}

/** Whether a file serves tests alone. */
function isHelper(path: string): boolean {
  return /(^|\/)testing\/|\.test\.ts$/.test(path);
}

/** Relative modules that a text imports, at once or later. */
function importsIn(text: string): string[] {
  return Array.from(text.matchAll(/\bfrom '(\.[^']+)'|\bimport\('(\.[^']+)'\)/g), ([, now, later]) => now ?? later);
}

const folderOf = (path: string): string => path.split('/')[0];
const edges = edgesOfProduct();

test('folders import only what lies before them', () => {
  const free = ['cli', 'index.ts'];
  const wrong = edges.filter(({ from, to }) => {
    const [own, other] = [folderOf(from), folderOf(to)];
    if (own === other || free.includes(own)) return false;
    return !allowed[own]?.includes(other) && !exceptions.some(([file, imported]) => file === from && imported === to);
  });
  expect(wrong).toEqual([]);
});

test('nothing imports the command line, nor the helpers of tests', () => {
  const wrong = edges.filter(({ from, to }) => (folderOf(to) === 'cli' && folderOf(from) !== 'cli') || isHelper(to));
  expect(wrong).toEqual([]);
});

test('methods know of each other only what they share', () => {
  const wrong = edges.filter(({ from, to }) => {
    const [own, sister] = [from, to].map((path) => path.split('/'));
    if (own[0] !== 'methods' || sister[0] !== 'methods' || own.length < 3 || own[1] === sister[1]) return false;
    return !sharedByMethods.some((shared) => to.startsWith(shared));
  });
  expect(wrong).toEqual([]);
});

test('the table has every folder, and each exception is needed', () => {
  const folders = [...new Set(edges.map(({ from }) => folderOf(from)))].filter((name) => !name.endsWith('.ts'));
  expect(Object.keys(allowed).sort()).toEqual(folders.filter((name) => name !== 'cli').sort());
  for (const [file, imported] of exceptions) expect(edges).toContainEqual({ from: file, to: imported });
});
