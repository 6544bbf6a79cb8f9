/** @file A disk that takes no more: the error is coded, what was there stays. A limit on file size plays the full disk. */
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary.ts';

/** Runs code in a process that may write at most 64 KiB to a file, and returns what it printed. */
async function withFullDisk(code: string): Promise<string> {
  const modules = { files: new URL('.', import.meta.url).href };
  const script = `const folder = ${JSON.stringify(modules.files)};\n${code}`;
  const node = `ulimit -f 64; exec "$0" --import tsx --input-type=module -e "$1"`;
  const { stdout } = await promisify(execFile)('sh', ['-c', node, process.execPath, script]);
  return stdout.trim();
}

test.skipIf(process.platform === 'win32')('a full disk ends every writer with a coded error', async () => {
  const folder = temporaryFolder();
  const names = ['text.txt', 'array.npy', 'rows.npy', 'tensors.safetensors'].map((name) => join(folder, name));
  for (const path of names) await writeFile(path, 'old');
  const codes = await withFullDisk(`
    const { writeAtomically } = await import(folder + 'atomic.ts');
    const { writeNpy } = await import(folder + 'npy.ts');
    const { NpyWriter } = await import(folder + 'npy-writer.ts');
    const { writeSafetensors } = await import(folder + 'safetensors.ts');
    const [text, array, rows, tensors] = ${JSON.stringify(names)};
    const data = new Float32Array(100000);
    const results = await Promise.allSettled([
      writeAtomically(text, 'x'.repeat(400000)),
      writeNpy(array, { dtype: 'float32', shape: [100000], data }),
      NpyWriter.open(rows, { dtype: 'float32', shape: [100000] }),
      writeSafetensors(tensors, new Map([['a', { dtype: 'F32', shape: [100000], data }]])),
    ]);
    console.log(JSON.stringify(results.map((result) => result.reason?.message)));
  `);
  expect(JSON.parse(codes)).toEqual(names.map((path) => `${path}: cannot be written (EFBIG)`));
  for (const path of names) expect(await readFile(path, 'utf8')).toBe('old');
  expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
