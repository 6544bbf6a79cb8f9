/** @file Bundles and indexes, served on a port: everything put together, and taken apart in the right order. */
import { join, resolve } from 'node:path';
import { DiptychError } from '../errors/error.ts';
import { createApp } from './app.ts';
import type { Limits } from './limits/limits.ts';
import { defaultLimits } from './limits/limits.ts';
import { type Listening, listen } from './listen.ts';
import { Models, nameFor } from './models.ts';
import { Service } from './service.ts';

export interface ServeOptions {
  readonly bundles: readonly string[];
  readonly indexes: readonly string[];
  readonly host: string;
  readonly port: number;
  /** Folder for thumbnails, jobs and uploads; `service` in the first index unless given. */
  readonly state?: string | undefined;
  readonly limits?: Partial<Limits> | undefined;
  readonly showPaths?: boolean | undefined;
  /** Loads models at once, rather than with the first request. Default true. */
  readonly preload?: boolean | undefined;
  /** Seconds without a request after which a model is unloaded; 0, the default, for never. */
  readonly idleUnload?: number | undefined;
  /** Threads of each model. Default 1. */
  readonly threads?: number | undefined;
  /** Told of failures of ours. */
  readonly report?: ((error: unknown, instance?: string) => void) | undefined;
}

export interface Serving extends Listening {
  readonly service: Service;
}

/** Names by which this machine calls itself. */
const loopback = ['127.0.0.1', 'localhost', '::1'];

/**
 * Serves indexes until `close`.
 *
 * @throws DIPTYCH_SERVER_BIND, DIPTYCH_SERVER_PORT, and what opening indexes and bundles throws
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { host, port, threads = 1, idleUnload = 0, preload = true } = options;
  if (!loopback.includes(host)) throw new DiptychError('DIPTYCH_SERVER_BIND', { host });
  const models = new Models(
    { threads, idleUnloadMs: idleUnload === 0 ? Number.POSITIVE_INFINITY : idleUnload * 1000 },
    () => {},
  );
  const names: string[] = [];
  for (const folder of options.indexes) names.push(nameFor(folder, names));
  let service: Service | undefined;
  try {
    for (const folder of options.bundles) await models.add(folder);
    service = await Service.open({
      indexes: options.indexes.map((folder, i) => ({ name: names[i], folder: resolve(folder) })),
      models,
      state: resolve(options.state ?? join(options.indexes[0], 'service')),
      limits: options.limits,
      showPaths: options.showPaths,
      report: options.report,
    });
    const listening = await listen(createApp(service), {
      host,
      port,
      seconds: service.limits.seconds ?? defaultLimits.seconds,
    });
    if (preload) for (const model of models.list) void model.preload().catch((error) => options.report?.(error));
    return { ...listening, service, close: () => stop(service!, listening, models) };
  } catch (cause) {
    await service?.close();
    await models.close();
    throw cause;
  }
}

async function stop(service: Service, listening: Listening, models: Models): Promise<void> {
  service.stop();
  await listening.close();
  await models.close();
  await service.close();
}
