/** @file The word that the `keys` verbs share. */
import type { Argument } from '../verb.ts';

export const keysWord: Argument = { name: 'file', help: 'file of keys, as `serve --keys` is given' };
