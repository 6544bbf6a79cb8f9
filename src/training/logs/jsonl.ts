/** @file Logs of one JSON object a line: `{"kind":"train","step":100,"epoch":0,"learningRate":0.0005,"loss":1.25}`. */
import type { RecordEnds } from './file.ts';
import type { LogRecord } from './record.ts';

export function jsonLine({ kind, step, epoch, values }: LogRecord): string {
  return `${JSON.stringify({ kind, step, epoch, ...values })}\n`;
}

/** Lines that end in a line break. */
export const lineEnds: RecordEnds = (content) => {
  const ends: number[] = [];
  for (let at = content.indexOf(10); at >= 0; at = content.indexOf(10, at + 1)) ends.push(at + 1);
  return ends;
};
