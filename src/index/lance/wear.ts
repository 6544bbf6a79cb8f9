/** @file When a table is worth putting together: each write adds a fragment, and deleted rows stay in theirs. */
import type { Table } from '@lancedb/lancedb';
import { worthCompacting } from '../batch.ts';

/** Fragments that a table may have however few rows it has. */
const MOST_FRAGMENTS = 64;
/** Rows that are written again for each fragment fewer: a large table may have one fragment for so many. */
const ROWS_OF_FRAGMENT = 1024;

/** What makes a compaction worth it. */
export interface Wear {
  readonly fragments: number;
  /** Rows outside the largest fragment. */
  readonly grown: number;
  /** Rows that are deleted and still take space. */
  readonly dead: number;
}

export const unworn: Wear = { fragments: 0, grown: 0, dead: 0 };

/** The wear of a table as it lies on disk. */
export async function wearOf(table: Table): Promise<Wear> {
  const { numRows, fragmentStats } = await table.stats();
  const { numFragments: fragments, lengths } = fragmentStats;
  if (fragments === 0) return unworn;
  // Lengths count deleted rows too.
  const written = lengths.mean * fragments;
  return { fragments, grown: Math.max(0, written - lengths.max), dead: Math.max(0, written - numRows) };
}

/** The wear after a change that wrote and deleted so many rows. */
export function moreWorn({ fragments, grown, dead }: Wear, written: number, deleted: number): Wear {
  return { fragments: fragments + (written > 0 ? 1 : 0), grown: grown + written, dead: dead + deleted };
}

/** Many fragments make reading slow. Putting them together writes all rows again: once half of all are new, or fragments very many. */
export function isWorn({ fragments, grown, dead }: Wear, rows: number): boolean {
  const many = fragments > MOST_FRAGMENTS && (2 * grown >= rows || ROWS_OF_FRAGMENT * fragments >= rows);
  return many || worthCompacting(dead, rows);
}
