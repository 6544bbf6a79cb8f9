/** @file The description of the API without anything to serve: what docs/openapi.json holds. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from './app.ts';
import { openApiOf } from './openapi.ts';
import { serveRuns } from './runs/runs.ts';
import { Service } from './service.ts';

/** The text of docs/openapi.json. */
export async function apiDescription(): Promise<string> {
  const models = { list: [], find: async () => false };
  const nothing = join(tmpdir(), 'diptych-nothing');
  const service = await Service.open({ indexes: [], models, state: nothing });
  try {
    return `${JSON.stringify(openApiOf(createApp(service, { runs: serveRuns(nothing) })), undefined, 2)}\n`;
  } finally {
    await service.close();
  }
}
