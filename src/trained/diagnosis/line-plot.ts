/** @file Lines over numbers of any size, each named at its end. */
import { html, type Markup } from '../../evaluation/report/markup.ts';
import { across, drawing, round, up } from '../../evaluation/report/plot.ts';
import { axes, scaleOf, shareOf } from '../comparison/axes.ts';

export interface Line {
  readonly name: string;
  /** At least one. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LinePlot {
  readonly id: string;
  readonly title: string;
  /** What is told to readers who do not see it. */
  readonly description: string;
  /** Title of the horizontal axis. */
  readonly axis: string;
  readonly lines: readonly Line[];
  /** Whether the horizontal axis begins at 0; the vertical one always does. */
  readonly fromZero: boolean;
}

export function linePlot({ id, title, description, axis, lines, fromZero }: LinePlot): Markup {
  const points = lines.flatMap((line) => line.points);
  const x = scaleOf(
    points.map(([at]) => at),
    fromZero,
  );
  const y = scaleOf(
    points.map(([, value]) => value),
    true,
  );
  const place = ([at, value]: Line['points'][number]): string => `${across(shareOf(x, at))},${up(shareOf(y, value))}`;
  const drawn = lines.map(
    (line, i) =>
      html`<polyline class="run r${i % 8}" points="${line.points.map(place).join(' ')}"><title>${line.name}</title></polyline>`,
  );
  const key = lines.map(
    (line, i) =>
      html`<text class="letter" x="${across(0.98)}" y="${round(up(1) + 14 + 16 * i)}" text-anchor="end">${line.name}</text><circle class="dot r${i % 8}" cx="${across(1)}" cy="${round(up(1) + 10 + 16 * i)}" r="4"/>`,
  );
  return drawing(id, title, description, [axes(x, y, axis), ...drawn, ...key]);
}
