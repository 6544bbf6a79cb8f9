/** @file The value of every option and where it came from: flag > environment > file > preset > default. */
import { DiptychError } from '../errors/error.ts';
import { isObject } from '../files/object.ts';
import type { Members, ValuesOf } from './option.ts';
import { type Preset, presetNamed } from './presets.ts';
import { readText, readTree } from './read.ts';
import type { NamedOption, Schema } from './schema.ts';

/** Who gave a value. `where` is the flag, the variable, the path of the file or the name of the preset. */
export interface Origin {
  readonly from: 'default' | 'preset' | 'file' | 'environment' | 'flag';
  readonly where: string;
}

/** A value with who gave it. */
export interface Given {
  readonly value: unknown;
  readonly origin: Origin;
}

/** One option, settled. */
export interface Setting {
  readonly option: NamedOption;
  /** All who gave a value, the one that counts first. Empty: the option has no default and nobody gave it. */
  readonly given: readonly Given[];
}

/** What was written, by whom. */
export interface Layers<M extends Members = Members> {
  /** The presets to choose from. */
  readonly presets?: readonly Preset<M>[];
  /** Name of the preset; the `preset` of the file is taken where this is left out. */
  readonly preset?: string | undefined;
  readonly file?: { readonly path: string; readonly content: unknown } | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Dotted option name -> text of its flag, or true and false for a switch. */
  readonly flags?: Readonly<Record<string, string | boolean>>;
}

/** All options settled, and the preset that was chosen. */
export interface Settled<M extends Members = Members> {
  readonly settings: readonly Setting[];
  readonly preset?: Preset<M>;
}

/**
 * Asks every layer for every option.
 *
 * @throws DIPTYCH_PRESET_UNKNOWN, DIPTYCH_CONFIG_KEY, DIPTYCH_CONFIG_VALUE
 */
export function settle<M extends Members>(schema: Schema<M>, layers: Layers<M>): Settled<M> {
  const { path, content, presetName } = fileParts(layers);
  const chosen = layers.preset ?? presetName;
  const preset = chosen === undefined ? undefined : presetNamed(layers.presets ?? [], chosen);
  const inFile = readTree(schema, content, path);
  const inPreset = readTree(schema, preset?.values ?? {}, `preset ${preset?.name}`);

  const settings = schema.options.map((named): Setting => {
    const { name, option, variable, short, flag } = named;
    const given: Given[] = [];
    const give = (from: Origin['from'], where: string, value: unknown): number =>
      given.push({ value, origin: { from, where } });
    const flagText = layers.flags?.[name];
    if (flagText !== undefined) {
      const where = `--${flagText === false ? 'no-' : ''}${short ?? flag}`;
      give('flag', where, readText(named, flagText, where));
    }
    const variableText = layers.environment?.[variable];
    if (variableText) give('environment', variable, readText(named, variableText, variable));
    if (inFile.has(name)) give('file', path, inFile.get(name));
    if (preset && inPreset.has(name)) give('preset', preset.name, inPreset.get(name));
    if (option.default !== undefined) give('default', 'default', option.default);
    return { option: named, given };
  });
  return { settings, ...(preset && { preset }) };
}

/** The file without its own `preset` key. */
function fileParts({ file }: Layers): { path: string; content: unknown; presetName: string | undefined } {
  if (!file) return { path: '', content: {}, presetName: undefined };
  if (!isObject(file.content) || file.content.preset === undefined) return { ...file, presetName: undefined };
  const { preset, ...content } = file.content;
  if (typeof preset === 'string') return { path: file.path, content, presetName: preset };
  const value = JSON.stringify(preset);
  throw new DiptychError('DIPTYCH_CONFIG_VALUE', { place: file.path, option: 'preset', value, expected: 'a name' });
}

/**
 * The settled values as one nested object, checked by the rules of the schema.
 *
 * @throws DIPTYCH_CONFIG_REQUIRED for an option that nobody gave, DIPTYCH_CONFIG_RULE for a contradiction
 */
export function valuesOf<M extends Members>(schema: Schema<M>, settings: readonly Setting[]): ValuesOf<M> {
  const missing = settings.find(({ given }) => given.length === 0)?.option;
  if (missing) {
    const { name, short, flag, variable } = missing;
    throw new DiptychError('DIPTYCH_CONFIG_REQUIRED', { option: name, flag: short ?? flag, variable });
  }
  const values = treeOf(settings) as ValuesOf<M>;
  for (const rule of schema.rules) {
    const reason = rule.check(values);
    if (reason !== undefined) throw new DiptychError('DIPTYCH_CONFIG_RULE', { options: rule.options, reason });
  }
  return values;
}

/** The settled values as a nested object, as a configuration file has them; options that nobody gave are left out. */
export function treeOf(settings: readonly Setting[]): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const { option, given } of settings) {
    if (given.length === 0) continue;
    const parts = option.name.split('.');
    let node = root;
    for (const part of parts.slice(0, -1)) {
      node[part] ??= {};
      node = node[part] as Record<string, unknown>;
    }
    node[parts[parts.length - 1]] = given[0].value;
  }
  return root;
}

/** Values from all layers in one step, where their origin does not matter. */
export function resolve<M extends Members>(schema: Schema<M>, layers: Layers<M> = {}): ValuesOf<M> {
  return valuesOf(schema, settle(schema, layers).settings);
}
