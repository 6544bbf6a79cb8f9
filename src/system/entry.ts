/** @file Where a worker or child process starts: compiled JavaScript when installed, TypeScript when run from the sources. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

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
  const fromSources = base.endsWith('.ts');
  return {
    url: new URL(`${name}${fromSources ? '.ts' : '.js'}`, base),
    execArgv: fromSources ? ['--import', 'tsx/esm'] : [],
  };
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
