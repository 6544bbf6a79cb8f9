/** @file Calls a verb in this process, without the command line around it. */

import type { Outcome, Verb } from '../cli/verb.ts';
import { type Layers, settle, valuesOf } from '../config/resolve.ts';

export interface Called extends Outcome {
  /** What people would have read on stdout. */
  readonly lines: string;
  /** What they would have read beside the progress. */
  readonly notes: readonly string[];
}

/** @param flags dotted option name -> text of its flag */
export async function callVerb(verb: Verb, words: readonly string[], flags: Layers['flags'] = {}): Promise<Called> {
  const settled = settle(verb.schema, { presets: verb.presets ?? [], flags });
  const lines: string[] = [];
  const notes: string[] = [];
  const outcome = await verb.run({
    values: valuesOf(verb.schema, settled.settings),
    settled,
    words,
    print: (line) => void lines.push(line),
    progress: { update() {}, note: (line) => void notes.push(line), finish() {} },
    signal: new AbortController().signal,
  });
  return { ...outcome, lines: lines.join('\n'), notes };
}
