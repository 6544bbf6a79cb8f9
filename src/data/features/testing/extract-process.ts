/** @file A process that extracts features, to be killed: `extract-process OPTIONS.json`. Prints `done ENCODED` at the end. */
import { readFileSync } from 'node:fs';
import { type ExtractOptions, extractFeatures } from '../extract.ts';

const options: ExtractOptions = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { encoded } = await extractFeatures(options);
process.stdout.write(`done ${encoded}\n`);
