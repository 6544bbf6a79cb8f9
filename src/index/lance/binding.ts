/** @file LanceDB, loaded when first needed: it is an optional package, and half a second of native code. */
import { createRequire } from 'node:module';
import type { Connection } from '@lancedb/lancedb';
import { DiptychError } from '../../errors/error.ts';

/** What is used of the packages. */
export interface Lance {
  readonly lancedb: typeof import('@lancedb/lancedb');
  readonly arrow: typeof import('apache-arrow');
}

/**
 * Bytes that a connection may keep in memory. Unless told, LanceDB takes up to 6 GiB for indexes, of which we have none, and 1 GiB
 * for what it knows of files and versions. That grows by about 50 KiB with each write, and a version is seldom read twice.
 */
const INDEX_CACHE = 1n << 20n;
const METADATA_CACHE = 64n << 20n;

let loading: Promise<Lance> | undefined;

/** @throws DIPTYCH_INDEX_LANCE_MISSING if the package, or its binary for this system, is not installed */
export function loadLance(): Promise<Lance> {
  loading ??= load().catch((cause) => {
    const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0];
    throw new DiptychError('DIPTYCH_INDEX_LANCE_MISSING', { reason }, { cause });
  });
  return loading;
}

async function load(): Promise<Lance> {
  // It writes warnings that are none to stderr unless told otherwise before it is loaded.
  process.env.RUST_LOG ??= 'error';
  // As CommonJS, which is what LanceDB loads: it knows the classes of that copy of Arrow only.
  const require = createRequire(import.meta.url);
  return { lancedb: require('@lancedb/lancedb'), arrow: require('apache-arrow') };
}

/** Opens the database in a folder, with caches of its own. */
export function connect({ lancedb }: Lance, folder: string): Promise<Connection> {
  // Among the options: given behind them, as its types allow too, a session is passed over.
  return lancedb.connect(folder, { session: new lancedb.Session(INDEX_CACHE, METADATA_CACHE) });
}

/** Why LanceDB cannot be used here; undefined if it can. */
export async function whyNoLance(): Promise<string | undefined> {
  return loadLance().then(
    () => undefined,
    (error: DiptychError<'DIPTYCH_INDEX_LANCE_MISSING'>) => error.fields.reason,
  );
}
