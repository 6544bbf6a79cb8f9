/** @file Paths among the values of options, made absolute: what is recorded must mean the same from any folder. */
import { resolve } from 'node:path';
import { isPath } from './form.ts';
import type { Members, ValuesOf } from './option.ts';

/** The same values with every path absolute, as seen from the folder the command runs in. */
export function absolutePaths<M extends Members>(members: M, values: ValuesOf<M>): ValuesOf<M> {
  const entries = Object.entries(values as Record<string, unknown>).map(([name, value]) => {
    const member = members[name];
    if (member.node === 'group') return [name, absolutePaths(member.members, value as ValuesOf<Members>)];
    return [name, typeof value === 'string' && isPath(member.type) ? resolve(value) : value];
  });
  return Object.fromEntries(entries);
}
