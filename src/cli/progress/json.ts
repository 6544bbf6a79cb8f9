/** @file Progress as JSON lines, for programs that watch: one a second at most, and one at the end. */
import type { Progress, ProgressReport } from '../../system/progress.ts';
import { type Pace, PaceMeter } from './pace.ts';

const GAP_SECONDS = 1;

/**
 * Writes `{"progress":{done,total,unit,rate,secondsLeft,figures}}` and `{"note":…}`.
 *
 * @param write takes a line without its end
 * @param now seconds of a clock that never goes back
 */
export function jsonProgress(write: (line: string) => void, now: () => number): Progress {
  let meter = new PaceMeter(now);
  let last: ProgressReport | undefined;
  let due = Number.NEGATIVE_INFINITY;
  const put = (report: ProgressReport, pace: Pace, finished: boolean): void => {
    const { rate, secondsLeft, seconds } = pace;
    write(JSON.stringify({ progress: { ...report, rate, secondsLeft, seconds, finished } }));
  };
  return {
    update(report) {
      const pace = meter.measure(report.done, report.total);
      last = report;
      if (now() < due) return;
      put(report, pace, false);
      due = now() + GAP_SECONDS;
    },
    note(line) {
      write(JSON.stringify({ note: line }));
    },
    finish() {
      if (last) put(last, meter.overall(last.done), true);
      meter = new PaceMeter(now);
      last = undefined;
      due = Number.NEGATIVE_INFINITY;
    },
  };
}
