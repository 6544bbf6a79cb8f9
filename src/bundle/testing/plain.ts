/** @file Runs `plain.mjs`: a bundle by onnxruntime-node alone. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../../testing/temporary.ts';

export interface PlainInputs {
  /** Words of the vocabulary with single spaces between. */
  readonly texts: readonly string[];
  readonly pixels?: readonly number[][];
  readonly features?: readonly number[][];
}

/** Unit vectors of both sides; what the runtime says on stderr is returned too. */
export function runPlain(bundle: string, inputs: PlainInputs): { texts: number[][]; images: number[][] } {
  const path = join(temporaryFolder(), 'inputs.json');
  writeFileSync(path, JSON.stringify(inputs));
  const program = fileURLToPath(new URL('./plain.mjs', import.meta.url));
  return JSON.parse(execFileSync(process.execPath, [program, bundle, path], { encoding: 'utf8', maxBuffer: 2 ** 26 }));
}
