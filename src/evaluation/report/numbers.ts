/** @file Numbers as the report prints them. */
import type { Interval } from '../bootstrap.ts';

const plain = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** A count: 25,000. */
export function count(value: number): string {
  return plain.format(value);
}

/** A recall, an rSum or a mean rank: 52.2. */
export function tenth(value: number): string {
  return value.toFixed(1);
}

/** A rank: whole, unless it is a mean over folds. */
export function rankText(value: number): string {
  return Number.isInteger(value) ? count(value) : tenth(value);
}

/** A score or a correlation: 0.512; a dash where it is not defined. */
export function thousandth(value: number | null): string {
  return value === null ? 'not defined' : value.toFixed(3).replace('-', '−');
}

/** A margin, with its sign: +0.120. */
export function signed(value: number): string {
  return value < 0 ? thousandth(value) : `+${thousandth(value)}`;
}

/** An interval: 49.1–55.3. */
export function range([low, high]: Interval): string {
  return `${tenth(low)}–${tenth(high)}`;
}
