import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compilePackage, diptych } from '../testing/diptych.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { verbs } from './verbs.ts';

const folder = mkdtempSync(join(tmpdir(), 'diptych-package-'));
let program: string[];
/** Milliseconds that compiling may take on a busy machine. */
const COMPILING = 60_000;
beforeAll(async () => {
  program = await compilePackage(folder);
}, COMPILING);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Milliseconds of processor time that `--help` may take; time on the clock would measure the neighbours as well. */
const QUICK = 150;

interface Traced {
  readonly stdout: string;
  readonly milliseconds: number;
  /** The shared libraries and native modules that were loaded. */
  readonly objects: readonly string[];
}

/** Runs a program and looks at it when it ends. */
async function traced(words: readonly string[], run: readonly string[] = program): Promise<Traced> {
  const place = temporaryFolder();
  const [hook, seen] = [join(place, 'hook.mjs'), join(place, 'seen.json')];
  writeFileSync(
    hook,
    `import { writeFileSync } from 'node:fs';
     process.on('exit', () => {
       const { user, system } = process.cpuUsage();
       process.report.excludeNetwork = true;
       const objects = process.report.getReport().sharedObjects;
       writeFileSync(${JSON.stringify(seen)}, JSON.stringify({ milliseconds: (user + system) / 1000, objects }));
     });`,
  );
  const { code, stdout } = await diptych(words, { program: ['--import', hook, ...run] });
  expect(code).toBe(0);
  return { stdout, ...JSON.parse(readFileSync(seen, 'utf8')) };
}

const native = /\.node$|onnxruntime|vips/;

test('--help lists the verbs, quickly, and loads no native module', async () => {
  const runs = [await traced(['--help']), await traced(['--help']), await traced(['--help'])];
  expect(Math.min(...runs.map(({ milliseconds }) => milliseconds))).toBeLessThan(QUICK);
  const [{ stdout, objects }] = runs;
  expect(stdout).toMatch(/^Usage: diptych <verb> \[words\] \[--flags\]\n/);
  for (const { name } of verbs) expect(stdout).toMatch(new RegExp(`^ {2}${name.split(' ')[0]} {2,}\\S`, 'm'));
  expect(objects.length).toBeGreaterThan(0);
  expect(objects.filter((object) => native.test(object))).toEqual([]);
});

test('loading a verb, which its --help does, loads no native module', async () => {
  const all = join(folder, 'all.mjs');
  writeFileSync(all, `import { verbs } from './dist/cli/verbs.js'; for (const { load } of verbs) await load();`);
  const { objects } = await traced([], [all]);
  expect(objects.filter((object) => native.test(object))).toEqual([]);
});

test('doctor loads every native package and says so', async () => {
  const { code, stdout, stderr } = await diptych(['doctor', '--json'], { program });
  const { ok, checks } = JSON.parse(stdout) as {
    ok: boolean;
    checks: { name: string; ok: boolean; needed: boolean }[];
  };
  expect({ code, ok }).toEqual({ code: 0, ok: true });
  const needed = checks.filter((check) => check.needed);
  expect(needed.map(({ name }) => name).sort()).toEqual(['@node-rs/crc32', 'node', 'onnxruntime-node', 'sharp']);
  expect(checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['--device webgpu', '--device cuda', 'memory']),
  );
  expect(stderr).toContain('Diptych can work here.');
});

test('benchmarks need a checkout', async () => {
  const { code, stderr } = await diptych(['bench', 'tiny'], { program });
  expect(code).toBe(2);
  expect(stderr).toContain('DIPTYCH_BENCH_CHECKOUT');
});

test('a benchmark of a checkout runs from its sources; machine and commit are added', async () => {
  const modules = {
    tiny: `import { value } from '../src/value.ts';
           export async function run(): Promise<object> { return { name: 'tiny', ours: value, peer: 4, ratio: 4 / value, unit: 'ms' }; }`,
    vague: `export const run = () => ({ name: 'vague', ours: 'fast' });`,
    empty: 'export const nothing = 0;',
    late: `export const run = () => new Promise(() => setTimeout(() => { throw new RangeError('too late'); }, 1));`,
    'tiny.test': '',
  };
  for (const name of ['bench', 'src']) mkdirSync(join(folder, name));
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(folder, 'bench', `${name}.ts`), text);
  writeFileSync(join(folder, 'src/value.ts'), 'export const value: number = 2;');

  const [listed, tiny, vague, empty, unknown] = await Promise.all(
    [['bench'], ['bench', 'tiny', '--json'], ['bench', 'vague'], ['bench', 'empty'], ['bench', 'tinny']].map((words) =>
      diptych(words, { program }),
    ),
  );
  expect(listed.stdout).toBe('empty\nlate\ntiny\nvague\n');
  const result = JSON.parse(tiny.stdout);
  expect(Object.keys(result)).toEqual(['name', 'ours', 'peer', 'ratio', 'unit', 'machine', 'commit']);
  expect(result).toMatchObject({ name: 'tiny', ours: 2, peer: 4, ratio: 2, unit: 'ms', commit: 'unknown' });
  expect(result.machine).toMatch(/^\d+ x .*node \d+/);
  expect(vague.stderr).toContain('DIPTYCH_BENCH_RESULT: bench/vague.ts: not the result of a benchmark (ours: ');
  expect(empty.stderr).toContain('it exports no function run');
  expect(unknown.stderr).toContain('there is no benchmark tinny; did you mean tiny?');

  const late = await diptych(['bench', 'late'], { program });
  expect(late.code).toBe(70);
  expect(late.stderr).toMatch(
    /^DIPTYCH_INTERNAL: RangeError: too late\n {2}Run the command again with --verbose .*\n$/,
  );
});

test('a reader that closes the pipe early is no error', () => {
  const shell = `"${process.execPath}" "${program[0]}" config schema train | head -n 1; echo "\${PIPESTATUS[0]}"`;
  const text = execFileSync('bash', ['-c', shell], { encoding: 'utf8' });
  expect(text).toBe('{\n0\n');
});
