/** @file Figures of training as people read them. */
import type { LogRecord } from './record.ts';

/** `45s`, `4m10s`, `2h03m`, `1d04h`. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [
    [86400, 'd', 3600, 'h'],
    [3600, 'h', 60, 'm'],
    [60, 'm', 1, 's'],
  ] as const;
  for (const [unit, name, smaller, smallerName] of parts) {
    if (whole < unit) continue;
    const rest = Math.floor((whole % unit) / smaller);
    return `${Math.floor(whole / unit)}${name}${String(rest).padStart(2, '0')}${smallerName}`;
  }
  return `${whole}s`;
}

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
