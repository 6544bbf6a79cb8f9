/** @file Where a worker or child process starts: compiled JavaScript when installed, TypeScript when run from the sources. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const sources = new URL('../', import.meta.url);

/** A module that another process can load, with the Node flags it needs. */
export interface Entry {
  readonly url: URL;
  readonly execArgv: string[];
}

/**
 * Resolves a sibling module for `fork`.
 *
 * @param base `import.meta.url` of the caller
 * @param name the module without its extension, such as `./child`
 */
export function entryPoint(base: string, name: string): Entry {
  if (!base.endsWith('.ts')) return { url: new URL(`${name}.js`, base), execArgv: [] };
  const url = new URL(`${name}.ts`, base);
  const compiled = compiledTwin(url);
  return compiled === undefined ? { url, execArgv: ['--import', 'tsx/esm'] } : { url: compiled, execArgv: [] };
}

/**
 * The compiled module of a source where DIPTYCH_COMPILED names a compiled package, as it does in tests: that starts a thread in
 * 70 ms of processor time instead of 350, for it needs no tsx.
 */
function compiledTwin(source: URL): URL | undefined {
  const { DIPTYCH_COMPILED: folder } = process.env;
  if (folder === undefined) return undefined;
  const path = source.href.slice(sources.href.length).replace(/\.ts$/, '.js');
  const compiled = join(folder, 'dist', path);
  return existsSync(compiled) ? pathToFileURL(compiled) : undefined;
}

/**
 * Resolves a sibling module for `new Worker`. On Node 20 a worker ignores `--import`, so from the sources it starts with a
 * line that registers tsx and then loads the module.
 */
export function workerEntry(base: string, name: string): URL {
  const { url, execArgv } = entryPoint(base, name);
  if (execArgv.length === 0) return url;
  const tsx = new URL('./dist/esm/api/index.mjs', pathToFileURL(createRequire(base).resolve('tsx/package.json')));
  const code = `import { register } from ${JSON.stringify(tsx.href)}; register(); await import(${JSON.stringify(url.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
