/** @file Runs the real command line, from the sources or as the package it is published as. */
import { spawn } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The command line from the sources: what follows `node`, before the words of the command. */
export const fromSources = (): string[] => ['--import', import.meta.resolve('tsx/esm'), join(root, 'src/cli/main.ts')];

/** The same from the package that is compiled before all tests (`compiled.ts`), else from the sources. */
export function commandLine(): string[] {
  const { DIPTYCH_COMPILED: folder } = process.env;
  return folder === undefined ? fromSources() : [join(folder, 'bin/diptych.js')];
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Variables beside those of this process; none of this process's own DIPTYCH_… are passed on. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** What follows `node`, before the words of the command; `commandLine()` unless told. */
  readonly program?: readonly string[];
}

/** Runs `diptych WORDS` in a process of its own and waits for its end. */
export function diptych(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { environment = {}, folder = root, program = commandLine() } = options;
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('DIPTYCH_') && name !== 'NODE_OPTIONS');
  const env = { ...Object.fromEntries(own), ...environment };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...program, ...words], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/**
 * Compiles the package into a folder, as `npm pack` would have it but for types and source maps, with the installed
 * dependencies beside it.
 *
 * @returns the program, to be given to `diptych`
 */
export async function compilePackage(folder: string): Promise<string[]> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const words = ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(folder, 'dist')];
  // Types are checked elsewhere; what is wanted here is the emitted JavaScript, and the rest takes twice as long again.
  const without = ['declaration', 'sourceMap', 'incremental'].flatMap((option) => [`--${option}`, 'false']);
  await diptych([...words, '--noCheck', ...without, '--tsBuildInfoFile', 'null'], { program: [compiler] });
  for (const name of ['package.json', 'bin']) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  return [join(folder, 'bin/diptych.js')];
}
