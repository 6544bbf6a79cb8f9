/** @file The options of `serve` and of `keys`. */
import { z } from 'zod';
import { path } from './form.ts';
import { group, option } from './option.ts';
import { defineSchema } from './schema.ts';
import { amount, count, positive } from './types.ts';

/** Where a service listens. */
export const port = option({
  type: z.int().min(0).max(65_535),
  default: 7700,
  help: 'port to listen on; 0 takes any that is free',
  source: 'diptych',
});

const serve = group('Where it listens, and who may ask', {
  host: option({
    type: z.string().min(1),
    default: '127.0.0.1',
    help: 'address to listen on; without keys only 127.0.0.1, localhost or ::1',
    source: 'diptych',
  }),
  port,
  keys: option({
    type: path.nullable(),
    default: null,
    help: 'file of keys made by `diptych keys create`; with it every request needs one',
    source: 'diptych',
  }),
  allowHost: option({
    type: z.array(z.string().min(1)),
    default: [],
    help: 'further names by which the service may be called (header Host), such as that of a proxy',
    source: 'diptych',
  }),
  allowFolder: option({
    type: z.array(path),
    default: [],
    help: 'folders whose pictures may be indexed through the service, besides those that the index knows',
    source: 'diptych',
  }),
  allowFetch: option({
    type: z.array(z.string().min(1)),
    default: [],
    help: 'hosts (HOST, or HOST:PORT for another port) from which pictures are fetched by URL; private addresses never',
    source: 'diptych',
  }),
  runs: option({
    type: path.nullable(),
    default: null,
    help: 'folder of runs that the page of training shows; none shows none',
    source: 'diptych',
  }),
  state: option({
    type: path.nullable(),
    default: null,
    help: 'folder for thumbnails, jobs and uploads; none takes `service` in the first index',
    source: 'diptych',
  }),
  showPaths: option({
    type: z.boolean().nullable(),
    default: null,
    help: 'whether answers say where files lie on this machine; none: without keys yes, with keys no',
    source: 'diptych',
  }),
});

const models = group('The models', {
  preload: option({
    type: z.boolean(),
    default: true,
    help: 'loads models at the start',
    tooSmall: 'The first request waits for its model.',
    source: 'diptych',
  }),
  idleUnload: option({
    type: amount,
    default: 0,
    help: 'seconds without a request after which a model is unloaded; 0 for never',
    tooSmall: 'Requests wait for loading again and again.',
    tooLarge: 'Memory is held for nobody.',
    source: 'diptych',
  }),
  threads: option({
    type: count,
    default: 1,
    help: 'cores that each model uses',
    tooLarge: 'Models wait for each other, and for searches.',
    source: 'diptych',
  }),
});

const limits = group('How much may be asked', {
  maxBody: option({
    type: z.int().min(1024),
    default: 32 * 2 ** 20,
    help: 'bytes of the body of a request',
    source: 'diptych',
  }),
  maxPixels: option({
    type: count,
    default: 50_000_000,
    help: 'pixels of a picture that is sent',
    source: 'diptych',
  }),
  maxThumbnails: option({
    type: z.int().min(0),
    default: 2 ** 30,
    help: 'bytes of thumbnails that are kept on disk, the least recently used go first; 0 keeps none',
    tooSmall: 'Thumbnails are made again and again.',
    tooLarge: 'The disk fills with what nobody looks at.',
    source: 'diptych',
  }),
  timeout: option({
    type: positive,
    default: 30,
    help: 'seconds until a request is given up',
    source: 'diptych',
  }),
  concurrency: option({
    type: count,
    default: 64,
    help: 'requests that are worked on at once; four times as many may wait',
    source: 'diptych',
  }),
  rate: option({
    type: amount,
    default: 0,
    help: 'requests a second of one caller, on average; 0 for no limit',
    source: 'diptych',
  }),
  burst: option({
    type: count,
    default: 100,
    help: 'requests that one caller may send at once before the rate counts',
    source: 'diptych',
  }),
});

export const serveSchema = defineSchema({ serve, models, limits });

export const keysCreateSchema = defineSchema({
  key: group('The key', {
    name: option({ type: z.string().regex(/^[\w .@-]{1,64}$/), help: 'who or what will use it', source: 'diptych' }),
    scopes: option({
      type: z.array(z.enum(['read', 'write', 'admin'])).min(1),
      default: ['read'],
      help: 'what it may do: read searches, write changes items, admin runs jobs and models; each includes those before',
      source: 'diptych',
    }),
  }),
});
