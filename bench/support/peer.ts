/** @file Running the Python peers: which interpreter, and what to say where there is none. */
import { execFileSync } from 'node:child_process';
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

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted.length === 0 ? 0 : sorted[Math.floor(sorted.length / 2)];
}
