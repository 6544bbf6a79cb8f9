/** @file Parts of a query as people write them: `text:a dog`, `0.5*image:beach.jpg`, `-0.5*text:snow`. */
import { DiptychError } from '../errors/error.ts';
import { type QueryPart, queryPartSchema } from './query.ts';

const kinds = ['text', 'image', 'id', 'vector'] as const;
const form = /^(?:([+-]?(?:\d+\.?\d*|\.\d+))\s*\*\s*)?([a-z]+):([\s\S]+)$/;

/**
 * Reads `KIND:VALUE` or `WEIGHT*KIND:VALUE`. Kinds are `text`, `image` (a file), `id`, and `vector` (JSON numbers); all
 * behind the first colon is the value.
 *
 * @throws DIPTYCH_SEARCH_QUERY
 */
export function parsePart(written: string): QueryPart {
  const [, weight, kind, value] = form.exec(written.trim()) ?? [];
  if (!kinds.some((known) => known === kind)) {
    throw refuse(
      written,
      `a part is ${kinds.map((known) => `${known}:…`).join(', ')}, or one with a weight: 0.5*text:…`,
    );
  }
  const part = { [kind]: kind === 'vector' ? numbersIn(written, value) : value };
  const read = queryPartSchema.safeParse(weight === undefined ? part : { ...part, weight: Number(weight) });
  if (!read.success) throw refuse(written, 'a vector is a list of numbers');
  return read.data;
}

function numbersIn(written: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch (cause) {
    throw refuse(written, `not JSON (${(cause as Error).message})`);
  }
}

function refuse(written: string, problem: string): DiptychError {
  return new DiptychError('DIPTYCH_SEARCH_QUERY', { problem: `${written}: ${problem}` });
}
