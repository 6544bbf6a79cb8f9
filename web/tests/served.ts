/** @file A real service for the browser: small pictures of many colours and shapes, indexed, on a port of this process. */
import { execFileSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { createIndex } from '../../src/index/manage.ts';
import { listSource } from '../../src/index/source.ts';
import { colourEncoder } from '../../src/index/testing/encoder.ts';
import { createApp } from '../../src/server/app.ts';
import { Keys } from '../../src/server/auth/keys.ts';
import type { QueryEncoder } from '../../src/server/encoder.ts';
import { listen } from '../../src/server/listen.ts';
import { serveRuns } from '../../src/server/runs/runs.ts';
import { Service } from '../../src/server/service.ts';
import { alwaysReady, colourQueryEncoder, fixedModels } from '../../src/server/testing/encoder.ts';

const colours = ['red', 'green', 'blue', 'yellow', 'black', 'pink'] as const;
const paints = { red: '#f00', green: '#0f0', blue: '#00f', yellow: '#ff0', black: '#000', pink: '#f0f' } as const;
/** Pictures in the index. */
export const COUNT = 240;

/** A picture of one colour with a disc of another. */
export function drawing(
  of: keyof typeof paints,
  disc: keyof typeof paints,
  width: number,
  height: number,
): Promise<Buffer> {
  const circle = `<circle cx="${width / 2}" cy="${height / 2}" r="${Math.min(width, height) / 5}" fill="${paints[disc]}"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${paints[of]}"/>${circle}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

/** Builds the pages, unless they are. */
export function buildPages(): void {
  execFileSync(process.execPath, [fileURLToPath(new URL('../build.mjs', import.meta.url))]);
}

/** Makes pictures and their index below a folder. */
export async function drawIndex(folder: string): Promise<string> {
  const pictures = join(folder, 'pictures');
  mkdirSync(pictures, { recursive: true });
  const lines: string[] = [];
  for (let i = 0; i < COUNT; i++) {
    const [of, disc] = [colours[i % 6], colours[(i + 1 + Math.floor(i / 6)) % 6]];
    const id = `${String(i).padStart(3, '0')}-${of}.png`;
    writeFileSync(join(pictures, id), await drawing(of, disc, 40 + 8 * (i % 5), 40 + 8 * (i % 3)));
    const captions = [`a ${disc} disc on ${of}`];
    lines.push(
      JSON.stringify({ path: join(pictures, id), id, captions, year: 2000 + (i % 24), ground: of, warm: i % 2 === 0 }),
    );
  }
  const list = join(pictures, 'list.jsonl');
  writeFileSync(list, lines.join('\n'));
  const index = join(folder, 'index');
  await createIndex(index, colourEncoder(), [await listSource(list)], { captions: true });
  return index;
}

export interface Serving {
  readonly url: string;
  close(): Promise<void>;
}

interface How {
  readonly index?: string;
  readonly state: string;
  readonly keys?: string;
  readonly runs?: string;
  /** The model of the index; false for none at hand. */
  readonly model?: QueryEncoder | false;
}

/** The model of these indexes, which encodes pictures only as often as it is let. */
export class HeldEncoder {
  readonly encoder: QueryEncoder;
  #left = Number.POSITIVE_INFINITY;
  readonly #turns = new EventEmitter();

  constructor() {
    const encoder = colourQueryEncoder();
    this.encoder = {
      ...encoder,
      encodePictures: async (pictures, options) => {
        while (this.#left <= 0) await once(this.#turns, 'more');
        this.#left--;
        return encoder.encodePictures(pictures, options);
      },
    };
  }

  /** Lets so many requests with pictures through from now on; all unless told. */
  let(requests = Number.POSITIVE_INFINITY): void {
    this.#left = requests;
    this.#turns.emit('more');
  }
}

/** Serves an index, or none. */
export async function serving({
  index,
  state,
  keys,
  runs: folder,
  model = colourQueryEncoder(),
}: How): Promise<Serving> {
  const service = await Service.open({
    indexes: index === undefined ? [] : [{ name: 'colours', folder: index }],
    models: fixedModels(model ? [alwaysReady('colour words', model)] : []),
    state,
    // The process that looks at uploads starts slowly on a busy machine.
    limits: { seconds: 120 },
  });
  const runs = folder === undefined ? undefined : serveRuns(folder);
  const app = createApp(service, { keys: keys === undefined ? undefined : await Keys.open(keys), runs });
  const listening = await listen(app, { host: '127.0.0.1', port: 0, seconds: 1 });
  return {
    url: listening.url,
    async close() {
      service.stop();
      await listening.close();
      await runs?.close();
      await service.close();
    },
  };
}
