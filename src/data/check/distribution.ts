/** @file Summing up how a number is spread. */
import type { Distribution } from './report.ts';

/** Summarises numbers in any order; percentiles are by nearest rank. */
export function distributionOf(values: readonly number[]): Distribution {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / Math.max(1, sorted.length);
  return { min: at(0), mean, p5: at(0.05), median: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
