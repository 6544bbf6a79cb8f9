/** @file Progress in words: `120/6000 images, 143 images/s, 41 s left, loss 3.21`. */
import type { ProgressReport } from '../../system/progress.ts';
import type { Pace } from './pace.ts';

/** `41 s`, `2 min 05 s`, `1 h 02 min`. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  if (minutes < 60) return `${minutes} min ${String(rest).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** Three digits that count; whole numbers from 100 on. */
export function figureText(value: number): string {
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

/** One report with its pace. */
export function reportText({ done, total, unit, figures = {} }: ProgressReport, pace: Pace): string {
  const parts = [`${done}${total === undefined ? '' : `/${total}`} ${unit}`];
  if (pace.rate !== undefined) parts.push(`${figureText(pace.rate)} ${unit}/s`);
  if (pace.secondsLeft !== undefined && pace.secondsLeft > 0) parts.push(`${durationText(pace.secondsLeft)} left`);
  for (const [name, value] of Object.entries(figures)) {
    parts.push(`${name} ${typeof value === 'number' ? figureText(value) : value}`);
  }
  return parts.join(', ');
}

/** What is said when work is over: `6000 images in 42 s, 143 images/s`. */
export function finishText({ done, unit }: ProgressReport, overall: Pace): string {
  const rate = overall.rate ? `, ${figureText(overall.rate)} ${unit}/s` : '';
  return `${done} ${unit} in ${durationText(overall.seconds)}${rate}`;
}
