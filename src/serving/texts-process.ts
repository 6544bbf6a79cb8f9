/** @file The process that encodes texts, as seen by the one that asks. */
import { Child } from '../system/child.ts';
import { entryPoint } from '../system/entry.ts';
import type { EncodingProcess } from './lane.ts';
import type { TextsJob, TextsSetup } from './texts-child.ts';
import { unavailable } from './unavailable.ts';

/** @throws DIPTYCH_SERVING_UNAVAILABLE, DIPTYCH_BUNDLE_…, DIPTYCH_TOKENS_…, DIPTYCH_RUNTIME_… */
export async function startTexts(
  name: string,
  setup: TextsSetup,
  signal: AbortSignal,
): Promise<EncodingProcess<string, Float32Array>> {
  const entry = entryPoint(import.meta.url, './texts-child');
  const died = (reason: string): Error => unavailable(name, `its process ended: ${reason}`);
  const { child } = await Child.start<TextsJob, undefined>(entry, setup, died, signal);
  return {
    pid: child.pid,
    ended: child.ended,
    stop: () => child.stop(),
    async encode(texts) {
      const all = await child.ask<Float32Array>(texts);
      const dimension = all.length / texts.length;
      return texts.map((_, i) => all.slice(i * dimension, (i + 1) * dimension));
    },
  };
}
