/** @file A service from the options of the command line, until it is told to stop. */
import { once } from 'node:events';
import type { ValuesOf } from '../config/option.ts';
import { settle, valuesOf } from '../config/resolve.ts';
import { serveSchema } from '../config/server-options.ts';
import { serve } from '../server/serve.ts';
import type { Outcome } from './verb.ts';

type Served = ValuesOf<(typeof serveSchema)['members']>;

/** What `serve` does where nothing is said, on a port. */
export function plainServing(port: number): Served {
  const values = valuesOf(serveSchema, settle(serveSchema, {}).settings);
  return { ...values, serve: { ...values.serve, port } };
}

/** How it speaks. */
interface Speech {
  print(line: string): void;
  note(line: string): void;
}

/** Serves until a signal comes, then finishes what was accepted. @throws what `serve` throws */
export async function serveUntil(
  signal: AbortSignal,
  what: { readonly bundles: readonly string[]; readonly indexes: readonly string[] },
  { serve: where, models, limits }: Served,
  { print, note }: Speech,
): Promise<Outcome> {
  const { maxBody, maxPixels, maxThumbnails, timeout, concurrency, rate, burst } = limits;
  const serving = await serve({
    ...what,
    host: where.host,
    port: where.port,
    keys: where.keys ?? undefined,
    allowHosts: where.allowHost,
    allowFolders: where.allowFolder,
    allowFetch: where.allowFetch,
    runs: where.runs ?? undefined,
    state: where.state ?? undefined,
    showPaths: where.showPaths ?? where.keys === null,
    limits: {
      body: maxBody,
      pixels: maxPixels,
      thumbnails: maxThumbnails,
      seconds: timeout,
      concurrency,
      waiting: 4 * concurrency,
      rate,
      burst,
    },
    ...models,
    report: (error, instance) =>
      note(`${instance ?? 'service'}: ${error instanceof Error ? error.stack : String(error)}`),
  });
  print(`${serving.url}/`);
  if (!signal.aborted) await once(signal, 'abort');
  await serving.close();
  return { json: { url: serving.url } };
}
