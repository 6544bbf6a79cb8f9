/** @file Running the Python peers: which interpreter, and what to say where there is none. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hasShared, sharedPath } from '../../src/testing/shared.ts';

/**
 * What a peer script prints, or undefined where it cannot run, which is said on stderr.
 *
 * @param script below `peers/`
 */
export function peerOutput(script: string, words: readonly string[]): string | undefined {
  const python = process.env.DIPTYCH_PEER_PYTHON;
  if (!python || !hasShared(`peers/${script}`)) {
    process.stderr.write('SKIPPED the peer: DIPTYCH_PEER_PYTHON names no Python with torch, transformers and numpy\n');
    return undefined;
  }
  return execFileSync(python, [sharedPath(`peers/${script}`), ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/**
 * What a peer script prints with some of its lines rewritten, such as to end after some steps; undefined where it cannot run.
 *
 * @param rewrites text of the script, and what stands in its place
 */
export function rewrittenPeerOutput(
  script: string,
  rewrites: readonly (readonly [string, string])[],
  words: readonly string[],
): string | undefined {
  const python = process.env.DIPTYCH_PEER_PYTHON;
  if (!python || !hasShared(`peers/${script}`)) return peerOutput(script, words);
  const path = sharedPath(`peers/${script}`);
  const source = rewrites.reduce(
    (text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`${script} has changed: it has no longer ${from}`);
      return text.replace(from, to);
    },
    readFileSync(path, 'utf8'),
  );
  const run = `import sys, json; s = json.load(sys.stdin); exec(compile(s, sys.argv[0], 'exec'), {'__file__': ${JSON.stringify(path)}, '__name__': '__main__'})`;
  return execFileSync(python, ['-c', run, ...words], {
    encoding: 'utf8',
    input: JSON.stringify(source),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted.length === 0 ? 0 : sorted[Math.floor(sorted.length / 2)];
}
