/** @file Tests that need LanceDB: where it is not installed they are skipped, and say so. */
import { describe, test } from 'vitest';
import { whyNoLance } from '../lance/binding.ts';

const reason = await whyNoLance();

/** Declares tests that need LanceDB. */
export function withLance(declare: () => void): void {
  if (reason === undefined) declare();
  else {
    process.stderr.write(`SKIPPED: tests of the LanceDB store, because LanceDB is not installed (${reason})\n`);
    describe.skip(`LanceDB is not installed: ${reason}`, () => test('skipped', () => {}));
  }
}
