/** @file A small index of coloured pictures, served in this process: the app without a port. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { onTestFinished } from 'vitest';
import { createIndex } from '../../index/manage.ts';
import { listSource } from '../../index/source.ts';
import { colourEncoder } from '../../index/testing/encoder.ts';
import { writePicture } from '../../index/testing/pictures.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { createApp } from '../app.ts';
import type { AppEnv } from '../env.ts';
import { Service, type ServiceOptions } from '../service.ts';
import { alwaysReady, colourQueryEncoder, fixedModels } from './encoder.ts';

export const colours = ['red', 'blue', 'yellow', 'white', 'black', 'magenta', 'green'] as const;

export interface Served {
  readonly app: OpenAPIHono<AppEnv>;
  readonly service: Service;
  /** Folder of the pictures, of the index, of the state. */
  readonly folder: string;
  readonly pictures: string;
  /** Sends a request with a body of JSON, or without one, and reads the answer. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;

  readonly body: ReturnType<typeof JSON.parse>;
}

/** Builds an index named `colours` of seven pictures with captions, years and warmth; a folder within has an id with a slash. */
export async function buildColours(folder: string): Promise<{ index: string; pictures: string }> {
  const lines = [];
  const pictures = join(folder, 'pictures');
  for (const [i, colour] of colours.entries()) {
    const path = await writePicture(pictures, `${colour}.png`, colour === 'green' ? '#00ff00' : colour);
    const id = colour === 'green' ? 'leaves/green 1.png' : colour;
    lines.push({ path, id, captions: [`a ${colour} square`, `all ${colour}`], year: 2018 + i, warm: i % 2 === 0 });
  }
  const list = join(pictures, 'list.jsonl');
  writeFileSync(list, lines.map((line) => JSON.stringify(line)).join('\n'));
  const index = join(folder, 'index');
  await createIndex(index, colourEncoder(), [await listSource(list)], { captions: true });
  return { index, pictures };
}

export async function serveColours(options: Partial<ServiceOptions> = {}): Promise<Served> {
  const folder = temporaryFolder();
  const { index, pictures } = await buildColours(folder);
  const service = await Service.open({
    indexes: [{ name: 'colours', folder: index }],
    models: fixedModels([alwaysReady('model', colourQueryEncoder())]),
    state: join(folder, 'state'),
    ...options,
  });
  onTestFinished(() => service.close());
  const app = createApp(service);
  return { app, service, folder, pictures, call: caller(app) };
}

/** Sends requests to an app. */
export function caller(app: OpenAPIHono<AppEnv>): Served['call'] {
  return async (method, path, body, headers = {}) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const type: Record<string, string> = body === undefined ? {} : { 'Content-Type': 'application/json' };
    const answer = await app.request(path, { method, headers: { ...type, ...headers }, ...sent });
    const text = await answer.text();
    const isJson = /json/.test(answer.headers.get('Content-Type') ?? '');
    return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
  };
}
