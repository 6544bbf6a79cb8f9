/** @file Where a worker or child process starts: compiled JavaScript when installed, TypeScript when run from the sources. */

/** A module that another thread or process can load, with the Node flags it needs. */
export interface Entry {
  readonly url: URL;
  readonly execArgv: string[];
}

/**
 * Resolves a sibling module for `new Worker` or `fork`.
 *
 * @param base `import.meta.url` of the caller
 * @param name the module without its extension, such as `./worker`
 */
export function entryPoint(base: string, name: string): Entry {
  const fromSources = base.endsWith('.ts');
  return {
    url: new URL(`${name}${fromSources ? '.ts' : '.js'}`, base),
    execArgv: fromSources ? ['--import', 'tsx'] : [],
  };
}
