/** @file Configurations as plain JSON: a fingerprint that ignores the order of keys, and the differences between two. */
import { createHash } from 'node:crypto';
import { isObject } from '../../files/object.ts';

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** A resolved configuration: every value, by nested keys. */
export type Configuration = { readonly [key: string]: Json | undefined };

/** JSON with the keys of objects sorted, so that equal values have equal texts. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

/** SHA-256 of the canonical JSON, hexadecimal. */
export function fingerprintOf(value: Json): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** The leaves of a configuration by dotted path, without those at or under the given paths. Arrays are leaves. */
export function leavesOf(configuration: Configuration, without: readonly string[] = []): Map<string, Json> {
  const leaves = new Map<string, Json>();
  const visit = (value: Json | undefined, path: string) => {
    if (value === undefined || without.some((prefix) => path === prefix || path.startsWith(`${prefix}.`))) return;
    if (!isObject(value)) leaves.set(path, value);
    else for (const [key, inner] of Object.entries(value)) visit(inner as Json, path === '' ? key : `${path}.${key}`);
  };
  visit(configuration, '');
  return leaves;
}

/** What differs, one line for each key, sorted: `model.dimension: 512 became 1024`. */
export function differencesOf(was: Configuration, now: Configuration, without: readonly string[] = []): string[] {
  const before = leavesOf(was, without);
  const after = leavesOf(now, without);
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => textOf(before.get(key)) !== textOf(after.get(key)))
    .sort()
    .map((key) => `${key}: ${textOf(before.get(key))} became ${textOf(after.get(key))}`);
}

function textOf(value: Json | undefined): string {
  return value === undefined ? 'nothing' : canonicalJson(value);
}
