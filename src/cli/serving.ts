/** @file A service from the options of the command line, until it is told to stop. */
import { once } from 'node:events';
import type { ValuesOf } from '../config/option.ts';
import type { serveSchema } from '../config/server-options.ts';
import { serve } from '../server/serve.ts';
import type { Outcome } from './verb.ts';

/** How it speaks. */
interface Speech {
  print(line: string): void;
  note(line: string): void;
}

/** Serves until a signal comes, then finishes what was accepted. @throws what `serve` throws */
export async function serveUntil(
  signal: AbortSignal,
  what: { readonly bundles: readonly string[]; readonly indexes: readonly string[] },
  { serve: where, models, limits }: ValuesOf<(typeof serveSchema)['members']>,
  { print, note }: Speech,
): Promise<Outcome> {
  const { maxBody: body, maxPixels: pixels, timeout: seconds, concurrency, rate, burst } = limits;
  const serving = await serve({
    ...what,
    host: where.host,
    port: where.port,
    state: where.state ?? undefined,
    showPaths: where.showPaths ?? where.keys === null,
    limits: { body, pixels, seconds, concurrency, waiting: 4 * concurrency, rate, burst },
    ...models,
    report: (error, instance) =>
      note(`${instance ?? 'service'}: ${error instanceof Error ? error.stack : String(error)}`),
  });
  print(`${serving.url}/`);
  if (!signal.aborted) await once(signal, 'abort');
  await serving.close();
  return { json: { url: serving.url } };
}
