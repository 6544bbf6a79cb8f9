/** @file Reading values that somebody wrote: nested objects of files and presets, text of variables and flags. */
import type { z } from 'zod';
import { DiptychError } from '../errors/error.ts';
import { isObject } from '../files/object.ts';
import { describe, valueOfText } from './form.ts';
import type { Members, Option } from './option.ts';
import type { NamedOption, Schema } from './schema.ts';
import { suggest } from './suggest.ts';

/**
 * Flattens nested values to dotted names, checked.
 *
 * @param place who wrote them, for messages: a path, `preset vse++`
 * @throws DIPTYCH_CONFIG_KEY for a key that is no option, DIPTYCH_CONFIG_VALUE for a value of the wrong form
 */
export function readTree(schema: Schema, tree: unknown, place: string): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const readGroup = (members: Members, value: unknown, prefix: string): void => {
    if (!isObject(value)) {
      throw valueError(place, prefix.slice(0, -1) || 'the whole', value, 'an object of options');
    }
    for (const [key, inner] of Object.entries(value)) {
      const member = Object.hasOwn(members, key) ? members[key] : undefined;
      if (!member) throw keyError(schema, members, place, prefix, key);
      if (member.node === 'group') readGroup(member.members, inner, `${prefix}${key}.`);
      else if (inner !== undefined) found.set(prefix + key, checked(member, prefix + key, inner, place));
    }
  };
  readGroup(schema.members, tree, '');
  return found;
}

/**
 * The value that the text of a flag or a variable gives an option.
 *
 * @throws DIPTYCH_CONFIG_VALUE
 */
export function readText({ option, name }: NamedOption, text: string | boolean, place: string): unknown {
  return checked(option, name, typeof text === 'boolean' ? text : valueOfText(option.type, text), place);
}

function checked(option: Option, name: string, value: unknown, place: string): unknown {
  const result = option.type.safeParse(value);
  if (result.success) return result.data;
  throw valueError(place, name, value, expected(option.type, result.error));
}

/** What was expected; for values with an inside, also where inside it went wrong. */
function expected(type: z.ZodType, error: z.ZodError): string {
  const { path, message } = error.issues[0];
  return path.length === 0 ? describe(type) : `${describe(type)} (at ${path.join('.')}: ${message})`;
}

function valueError(place: string, option: string, value: unknown, expected: string): DiptychError {
  return new DiptychError('DIPTYCH_CONFIG_VALUE', { place, option, value: JSON.stringify(value), expected });
}

/** Names of the same group are likelier to be meant; else the key may belong to another group. */
function keyError(schema: Schema, members: Members, place: string, prefix: string, key: string): DiptychError {
  const siblings = suggest(key, Object.keys(members)).map((name) => prefix + name);
  const anywhere = suggest(
    prefix + key,
    schema.options.map(({ name }) => name),
  );
  const elsewhere = suggest(
    key,
    schema.options.map(({ name }) => name),
  );
  const suggestions = [siblings, anywhere, elsewhere].find((list) => list.length > 0) ?? [];
  return new DiptychError('DIPTYCH_CONFIG_KEY', { place, key: prefix + key, suggestions });
}
