/** @file A writer to be killed: performs operations one after the other and says after each that it is done. */
import { writeSync } from 'node:fs';
import type { StoreKind } from '../store.ts';
import { perform } from './crash-model.ts';

const [folder, moduleUrl, exported, first] = process.argv.slice(2);
const { [exported]: kind } = (await import(moduleUrl)) as Record<string, StoreKind>;
const store = await kind.open(folder, { write: true });
for (let number = Number(first); ; number++) {
  await perform(store, number);
  writeSync(1, `${number}\n`);
}
