/** @file A real `diptych serve` as a process, over 100,000 rows of a real model's dimension, and what it says of itself. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { rememberBundle } from '../../src/bundle/hint.ts';
import { readManifest } from '../../src/bundle/manifest.ts';
import { beginVersion, switchTo } from '../../src/index/index-folder.ts';
import { optimizeIndex } from '../../src/index/manage.ts';
import { Random } from '../../src/random/random.ts';

const root = join(import.meta.dirname, '..', '..');
const bin = join(root, 'bin', 'diptych.js');

/** Rows of the index that is searched. */
export const ROWS = 100_000;
const GROUPS = 1_000;
const AT_ONCE = 5_000;
/** Exit code of a command that finished because of SIGTERM. */
const STOPPED = 143;

/** A bundle of a trained model: `DIPTYCH_BENCH_BUNDLE`, or that of a demo, trained once into the checkout's cache. */
export function servedBundle(): string {
  const given = process.env.DIPTYCH_BENCH_BUNDLE;
  if (given) return given;
  const demo = join(root, '.cache', 'demo');
  if (!existsSync(join(demo, 'bundle', 'bundle.json'))) {
    mkdirSync(demo, { recursive: true });
    execFileSync(process.execPath, [bin, 'demo', '--folder', demo], { stdio: ['ignore', 2, 2] });
  }
  return join(demo, 'bundle');
}

/**
 * Makes an index of rows drawn from a seed: groups of unit vectors around centres, as pictures of the same things are, with
 * metadata to filter by.
 */
export async function makeIndex(folder: string, bundle: string): Promise<void> {
  const { fingerprint, dimension } = await readManifest(bundle);
  const index = await beginVersion(folder, { fingerprint, dimension });
  const random = new Random('rows to search');
  const drawn = (): Float32Array => Float32Array.from({ length: dimension }, () => random.normal());
  const centres = Array.from({ length: GROUPS }, drawn);
  for (let start = 0; start < ROWS; start += AT_ONCE) {
    const rows = Array.from({ length: AT_ONCE }, (_, k) => {
      const i = start + k;
      const [centre, noise] = [centres[i % GROUPS], drawn()];
      const metadata = {
        path: `photos/${i % 40}/${i}.jpg`,
        album: `album ${i % 40}`,
        year: 1990 + (i % 35),
        kept: i % 3 === 0,
      };
      return { id: `picture-${i}`, vector: noise.map((x, d) => centre[d] + 0.7 * x), metadata };
    });
    await index.store.add(rows);
  }
  await switchTo(index);
  await index.store.close();
  await optimizeIndex(folder);
  await rememberBundle(folder, bundle);
}

export interface Service {
  readonly url: URL;
  readonly pid: number;
  /** Milliseconds from the start of the process to the address it printed. */
  readonly listeningMs: number;
  /** Tells it to stop and waits for the end. @throws Error if it ends in another way than by that */
  stop(): Promise<void>;
}

/** Starts `diptych serve` on a free port of this machine, compiled as it is installed. */
export async function startService(bundle: string, index: string, words: readonly string[] = []): Promise<Service> {
  const since = performance.now();
  const child = spawn(process.execPath, [bin, 'serve', bundle, index, '--port', '0', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const url = await Promise.race([printedAddress(child), ended.then((code) => `ended with ${code}`)]);
  if (!url.startsWith('http')) throw new Error(`the service ${url}`);
  return {
    url: new URL(url),
    pid: child.pid!,
    listeningMs: performance.now() - since,
    async stop() {
      child.kill('SIGTERM');
      const code = await ended;
      if (code !== STOPPED) throw new Error(`the service ended with ${code}`);
    },
  };
}

async function printedAddress(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const [address] = /http:\/\/\S+/.exec(line) ?? [];
    // Whatever else it prints is not read: it must not fill the pipe.
    if (address) {
      child.stdout!.resume();
      return address;
    }
  }
  return 'printed no address';
}

/** Runs something with an index and a service over it, and takes both away. */
export async function withService<T>(use: (service: Service, index: string) => Promise<T>): Promise<T> {
  const bundle = servedBundle();
  const folder = mkdtempSync(join(tmpdir(), 'diptych-bench-'));
  try {
    const index = join(folder, 'index');
    await makeIndex(index, bundle);
    const service = await startService(bundle, index);
    try {
      return await use(service, index);
    } finally {
      await service.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Processes that a process started, and those that they started, by what they run. */
export function descendants(pid: number): { pid: number; command: string }[] {
  const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  const children = read(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [
    { pid: child, command: read(`/proc/${child}/cmdline`).replaceAll('\0', ' ') },
    ...descendants(child),
  ]);
}

/** Resident memory of a service with all its processes, in MiB. */
export function memoryOf(pid: number): number {
  const kilobytes = [pid, ...descendants(pid).map((one) => one.pid)].map((one) => {
    const status = existsSync(`/proc/${one}/status`) ? readFileSync(`/proc/${one}/status`, 'utf8') : '';
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
  });
  return kilobytes.reduce((sum, one) => sum + one, 0) / 1024;
}
