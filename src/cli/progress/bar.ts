/** @file Progress as a bar on a terminal; notes scroll by above it. */
import { type GenericFormatter, MultiBar, type SingleBar } from 'cli-progress';
import type { Progress, ProgressReport } from '../../system/progress.ts';
import { PaceMeter } from './pace.ts';
import { finishText, reportText } from './words.ts';

const BAR_WIDTH = 24;

/**
 * Draws a bar where the length of the work is known, else the counts alone.
 *
 * @param stream the terminal
 * @param now seconds of a clock that never goes back
 */
export function barProgress(stream: NodeJS.WriteStream, now: () => number): Progress {
  let shown: { bars: MultiBar; bar: SingleBar } | undefined;
  let meter = new PaceMeter(now);
  let last: ProgressReport | undefined;

  // A line longer than the terminal would wrap and leave pieces behind when it is drawn again.
  const format: GenericFormatter = (_options, { progress }, { text, known }) => {
    const filled = Math.round(progress * BAR_WIDTH);
    const bar = known ? `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ` : '';
    return `${bar}${text}`.slice(0, (stream.columns ?? 80) - 1);
  };
  const draw = (report: ProgressReport, text: string): void => {
    const payload = { text, known: report.total !== undefined };
    if (!shown) {
      const bars = new MultiBar({ stream, format, linewrap: true, fps: 8, gracefulExit: false, forceRedraw: true });
      shown = { bars, bar: bars.create(report.total ?? 0, report.done, payload) };
    }
    if (report.total !== undefined) shown.bar.setTotal(report.total);
    shown.bar.update(report.done, payload);
  };

  return {
    update(report) {
      last = report;
      draw(report, reportText(report, meter.measure(report.done, report.total)));
    },
    note(line) {
      if (shown) shown.bars.log(`${line}\n`);
      else stream.write(`${line}\n`);
    },
    finish() {
      if (shown && last) {
        draw(last, finishText(last, meter.overall(last.done)));
        shown.bars.update();
        shown.bars.stop();
      }
      shown = undefined;
      meter = new PaceMeter(now);
      last = undefined;
    },
  };
}
