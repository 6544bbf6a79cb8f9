/** @file Benchmarks of the checkout: finding them, running one, checking what it gives. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { suggest } from '../config/suggest.ts';
import { DiptychError } from '../errors/error.ts';
import { describeProblems } from '../files/json.ts';

/** What `run()` of a module in `bench/` gives: both sides measured in one run. A ratio above 1 says ours is better. */
const benchmarkResult = z.object({
  name: z.string(),
  ours: z.number(),
  peer: z.number(),
  ratio: z.number(),
  unit: z.string(),
});

export type BenchmarkResult = z.infer<typeof benchmarkResult>;

/** Root of the package, whether it runs compiled or from its sources. */
const packageRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * Names of the benchmarks of a checkout.
 *
 * @throws DIPTYCH_BENCH_CHECKOUT where there is no checkout
 */
export function benchmarkNames(root: string = packageRoot): string[] {
  if (!existsSync(join(root, 'bench')) || !existsSync(join(root, 'src'))) {
    throw new DiptychError('DIPTYCH_BENCH_CHECKOUT', { folder: root });
  }
  const modules = readdirSync(join(root, 'bench')).filter((file) => /^[a-z][\w-]*\.ts$/.test(file));
  return modules.map((file) => file.replace(/\.ts$/, '')).sort();
}

/**
 * Runs a benchmark. It reads the sources themselves, through tsx, so that what is measured is what is checked out.
 *
 * @throws DIPTYCH_BENCH_UNKNOWN, DIPTYCH_BENCH_RESULT
 */
export async function runBenchmark(name: string, root: string = packageRoot): Promise<BenchmarkResult> {
  const known = benchmarkNames(root);
  if (!known.includes(name)) {
    throw new DiptychError('DIPTYCH_BENCH_UNKNOWN', { name, known, suggestions: suggest(name, known) });
  }
  if (import.meta.url.endsWith('.js')) (await import('tsx/esm/api')).register();
  const module = (await import(pathToFileURL(join(root, 'bench', `${name}.ts`)).href)) as { run?: () => unknown };
  if (typeof module.run !== 'function') {
    throw new DiptychError('DIPTYCH_BENCH_RESULT', { name, problems: ['it exports no function run'] });
  }
  const result = benchmarkResult.safeParse(await module.run());
  if (result.success) return result.data;
  throw new DiptychError('DIPTYCH_BENCH_RESULT', { name, problems: describeProblems(result.error) });
}

/** The commit that is checked out, with `+` where files differ from it; `unknown` without git. */
export function commitOf(root: string = packageRoot): string {
  const git = (...words: string[]): string =>
    execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', '--short=12', 'HEAD')}${changed ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}
