/** @file Axes of drawings with numbers of any size: round ticks, grid lines, and where a number lies. */
import { html, type Markup } from '../../evaluation/report/markup.ts';
import { across, area, axisTitle, up } from '../../evaluation/report/plot.ts';

/** A stretch of numbers that begins and ends at a round one. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
}

/** The least round steps (1, 2, 5 times a power of ten) that cover the numbers in at most six. */
export function scaleOf(numbers: readonly number[], fromZero: boolean): Scale {
  const low = fromZero ? 0 : Math.min(...numbers);
  const high = Math.max(...numbers);
  const size = Math.max(1e-9, Math.abs(low), Math.abs(high));
  const span = high - low > 1e-9 * size ? high - low : size;
  const power = 10 ** Math.floor(Math.log10(span / 5));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => span / size <= 5.001)!;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  return { from: ticks[0], to: ticks[ticks.length - 1], ticks };
}

/** Where a number lies, from 0 to 1. */
export function shareOf({ from, to }: Scale, value: number): number {
  return (value - from) / (to - from);
}

/** Grid lines and ticks of both axes, and the title of the horizontal one. */
export function axes(x: Scale, y: Scale, title: string, xText: (value: number) => string = String): Markup {
  const horizontal = y.ticks.map((tick) => {
    const height = up(shareOf(y, tick));
    return html`<line class="grid" x1="${area.left}" x2="${area.width - area.right}" y1="${height}" y2="${height}"/>
<text class="tick" x="${area.left - 8}" y="${height + 4}" text-anchor="end">${tick}</text>`;
  });
  const vertical = x.ticks.map((tick) => {
    const at = across(shareOf(x, tick));
    return html`<line class="grid" x1="${at}" x2="${at}" y1="${up(0)}" y2="${up(1)}"/>
<text class="tick" x="${at}" y="${up(0) + 17}" text-anchor="middle">${xText(tick)}</text>`;
  });
  return html`${horizontal}${vertical}${axisTitle(title)}`;
}
