/** @file Cursors: where the next page begins, bound to one version of the index and one question. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DiptychError } from '../../errors/error.ts';

const contentSchema = z.tuple([z.literal(1), z.string(), z.string(), z.int().min(1)]);

/** Writes a cursor. @param place how many results came before */
export function writeCursor(version: string, question: unknown, place: number): string {
  return Buffer.from(JSON.stringify([1, version, digestOf(question), place])).toString('base64url');
}

/**
 * How many results came before the page that is asked for: 0 without a cursor.
 *
 * @throws DIPTYCH_SERVER_CURSOR if it is of another version or question, or none of ours
 */
export function readCursor(cursor: string | undefined, version: string, question: unknown): number {
  if (cursor === undefined) return 0;
  const content = contentSchema.safeParse(parse(cursor));
  if (!content.success) throw refuse('not one that this service gave');
  const [, from, digest, place] = content.data;
  if (digest !== digestOf(question)) throw refuse('it belongs to another question');
  if (from !== version) throw refuse('the index has changed since');
  return place;
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

function digestOf(question: unknown): string {
  return createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 16);
}

function refuse(reason: string): DiptychError {
  return new DiptychError('DIPTYCH_SERVER_CURSOR', { reason });
}
