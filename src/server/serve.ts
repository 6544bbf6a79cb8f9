/** @file Bundles and indexes, served on a port: everything put together, and taken apart in the right order. */
import { join, resolve } from 'node:path';
import { DiptychError } from '../errors/error.ts';
import { createApp } from './app.ts';
import { Keys } from './auth/keys.ts';
import { loopbackNames } from './auth/origin.ts';
import { defaultLimits, type Limits } from './limits/limits.ts';
import { type Listening, listen } from './listen.ts';
import { Metrics } from './metrics.ts';
import { Models, nameFor } from './models.ts';
import { openNetwork, pictureFetcher } from './pictures/fetch.ts';
import { serveRuns } from './runs/runs.ts';
import { Service } from './service.ts';

export interface ServeOptions {
  readonly bundles: readonly string[];
  readonly indexes: readonly string[];
  readonly host: string;
  readonly port: number;
  /** File of keys; without it everybody who reaches the service may do all, and it listens on this machine alone. */
  readonly keys?: string | undefined;
  /** Further names by which it may be called. */
  readonly allowHosts?: readonly string[] | undefined;
  /** Folders whose pictures may be indexed, besides those that an index knows. */
  readonly allowFolders?: readonly string[] | undefined;
  /** Hosts from which pictures are fetched by URL; one with a port allows that port alone. */
  readonly allowFetch?: readonly string[] | undefined;
  /** Folder of runs that are shown. */
  readonly runs?: string | undefined;
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

/**
 * Serves indexes until `close`.
 *
 * @throws DIPTYCH_SERVER_BIND, DIPTYCH_SERVER_PORT, and what opening indexes and bundles throws
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { host, port, threads = 1, idleUnload = 0, preload = true, allowHosts = [], allowFetch = [] } = options;
  const local = loopbackNames.some((name) => name === host);
  if (options.keys === undefined && !local) throw new DiptychError('DIPTYCH_SERVER_BIND', { host });
  const keys = options.keys === undefined ? undefined : await Keys.open(options.keys);
  const metrics = new Metrics();
  const idleUnloadMs = idleUnload === 0 ? Number.POSITIVE_INFINITY : idleUnload * 1000;
  const models = new Models({ threads, idleUnloadMs }, (event) => metrics.model(event));
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
      metrics,
      folders: options.allowFolders?.map((folder) => resolve(folder)),
      fetching:
        allowFetch.length === 0
          ? undefined
          : pictureFetcher({
              hosts: allowFetch,
              network: openNetwork,
              bytes: options.limits?.body ?? defaultLimits.body,
            }),
      showPaths: options.showPaths,
      report: options.report,
    });
    // Behind a proxy it goes by any name, unless names are given; a browser on this machine calls it by one of ours.
    const given = allowHosts.map((name) => name.toLowerCase());
    const called = local ? [...loopbackNames, ...given] : given.length > 0 ? [...given, host] : undefined;
    const runs = options.runs === undefined ? undefined : serveRuns(options.runs);
    const app = createApp(service, { keys, names: called, runs });
    const listening = await listen(app, { host, port, seconds: service.limits.seconds });
    if (preload) for (const model of models.list) void model.preload().catch((error) => options.report?.(error));
    return {
      ...listening,
      service,
      async close() {
        await stop(service!, listening, models);
        await runs?.close();
      },
    };
  } catch (cause) {
    await service?.close();
    await models.close();
    throw cause;
  }
}

async function stop(service: Service, listening: Listening, models: Models): Promise<void> {
  service.stop();
  await listening.close();
  // A job needs its model until it has stopped.
  await service.jobs.close();
  await models.close();
  await service.close();
}
