/** @file Presets: named sets of values that read like lab notes, checked against their schema when they are gathered. */
import { DiptychError } from '../errors/error.ts';
import type { Members, PartialValuesOf } from './option.ts';
import { readTree } from './read.ts';
import type { Schema } from './schema.ts';
import { suggest } from './suggest.ts';

/** One preset. Values it does not name keep their defaults. */
export interface Preset<M extends Members = Members> {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** What was tried and learnt, where the values come from, what differs from the source. */
  readonly notes: string;
  /** What a run should show, with the data set, the machine and the time: the number beside the command. */
  readonly expect: string;
  readonly values: PartialValuesOf<M>;
}

/**
 * Gathers the presets of a schema.
 *
 * @throws DIPTYCH_CONFIG_KEY, DIPTYCH_CONFIG_VALUE for a preset that its schema does not allow
 */
export function definePresets<M extends Members>(
  schema: Schema<M>,
  presets: readonly Preset<M>[],
): readonly Preset<M>[] {
  for (const preset of presets) readTree(schema, preset.values, `preset ${preset.name}`);
  return presets;
}

/**
 * The preset of a name.
 *
 * @throws DIPTYCH_PRESET_UNKNOWN with the nearest names
 */
export function presetNamed<P extends { readonly name: string }>(presets: readonly P[], name: string): P {
  const found = presets.find((preset) => preset.name === name);
  if (found) return found;
  const known = presets.map((preset) => preset.name);
  throw new DiptychError('DIPTYCH_PRESET_UNKNOWN', { preset: name, known, suggestions: suggest(name, known) });
}
