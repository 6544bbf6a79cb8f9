/** @file What a writer that will be killed does, as a function of the operation's number: parent and child agree on it. */
import { Random } from '../../random/random.ts';
import type { Row, Store } from '../store.ts';
import { rowOf } from './rows.ts';

const GROUPS = 6;
/** Rows of a group, which are there or gone together. */
export const GROUP_ROWS = 5;

/** An operation on a group of rows. */
type Operation = { readonly kind: 'upsert' | 'delete'; readonly group: number } | { readonly kind: 'compact' };

function operationOf(number: number): Operation {
  const random = new Random('crash', number);
  const kind = random.uniform();
  if (kind < 0.1) return { kind: 'compact' };
  return { kind: kind < 0.7 ? 'upsert' : 'delete', group: random.integer(GROUPS) };
}

function rowsOf(group: number, operation: number): Row[] {
  return Array.from({ length: GROUP_ROWS }, (_, i) =>
    rowOf(`group ${group}/${i}`, operation * GROUP_ROWS + i, { group, operation }),
  );
}

/** Does one operation. */
export async function perform(store: Store, number: number): Promise<void> {
  const operation = operationOf(number);
  if (operation.kind === 'compact') await store.compact();
  else if (operation.kind === 'upsert') await store.upsert(rowsOf(operation.group, number));
  else await store.delete(rowsOf(operation.group, number).map(({ id }) => id));
}

/** The rows that are there after so many operations, by id. */
export function stateAfter(operations: number): Map<string, Row> {
  const latest = new Map<number, number>();
  for (let number = 0; number < operations; number++) {
    const operation = operationOf(number);
    if (operation.kind === 'upsert') latest.set(operation.group, number);
    else if (operation.kind === 'delete') latest.delete(operation.group);
  }
  return new Map([...latest].flatMap(([group, number]) => rowsOf(group, number).map((row) => [row.id, row])));
}
