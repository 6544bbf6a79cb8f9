/** @file The types of metadata in tables that hold text alone. */
import type { Row } from './table.ts';

const numeral = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const truth = /^(?:true|false)$/i;

/** Turns the text of a column into what it stands for. */
export type Cast = (text: string) => string | number | boolean;

/** A column of numbers throughout becomes numbers, one of true and false truth values; empty fields do not count. */
export function castOf(rows: readonly Row[], column: number): Cast {
  let filled = false;
  let numbers = true;
  let truths = true;
  for (const { values } of rows) {
    const text = String(values[column]).trim();
    if (text === '') continue;
    filled = true;
    numbers &&= numeral.test(text) && isExact(text);
    truths &&= truth.test(text);
    if (!numbers && !truths) break;
  }
  if (filled && numbers) return (text) => Number(text);
  return filled && truths ? (text) => text.toLowerCase() === 'true' : (text) => text;
}

/** Long digit strings are ids, which a number would round. */
function isExact(text: string): boolean {
  const number = Number(text);
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
}
