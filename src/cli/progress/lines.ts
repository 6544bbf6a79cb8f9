/** @file Progress as plain lines, now and then: for logs, pipes and continuous integration. */
import type { Progress, ProgressReport } from '../../system/progress.ts';
import { PaceMeter } from './pace.ts';
import { finishText, reportText } from './words.ts';

/** Seconds between lines: 5 in the first minute, then 30. */
function gapAfter(seconds: number): number {
  return seconds < 60 ? 5 : 30;
}

/**
 * Writes a line every few seconds and one at the end of each piece of work.
 *
 * @param write takes a line without its end
 * @param now seconds of a clock that never goes back
 */
export function lineProgress(write: (line: string) => void, now: () => number): Progress {
  let meter = new PaceMeter(now);
  let last: ProgressReport | undefined;
  let due: number | undefined;
  return {
    update(report) {
      const pace = meter.measure(report.done, report.total);
      last = report;
      due ??= now() + gapAfter(0);
      if (now() < due) return;
      write(reportText(report, pace));
      due = now() + gapAfter(pace.seconds);
    },
    note: write,
    finish() {
      if (last) write(finishText(last, meter.overall(last.done)));
      meter = new PaceMeter(now);
      last = undefined;
      due = undefined;
    },
  };
}
