/** @file Figures of training as people read them. */
import type { LogRecord } from './record.ts';

/** Four significant digits, or whole numbers as they are. */
export function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

/** `epoch 3, step 702: val rsum 243.1 (best 243.1 at step 702), r1 31.2`. */
export function evaluationLine({ step, epoch, values }: LogRecord, best: { step: number; rsum: number }): string {
  const { rsum, ...others } = values;
  const rest = Object.entries(others).map(([name, value]) => `, ${name} ${numberText(value)}`);
  const bestText = best.step === step ? 'the best so far' : `best ${numberText(best.rsum)} at step ${best.step}`;
  return `epoch ${epoch + 1}, step ${step}: val rsum ${numberText(rsum)} (${bestText})${rest.join('')}`;
}
