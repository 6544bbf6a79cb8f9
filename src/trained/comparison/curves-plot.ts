/** @file One curve a run over its epochs, named by its letter at the end. */
import { html, type Markup } from '../../evaluation/report/markup.ts';
import { tenth } from '../../evaluation/report/numbers.ts';
import { across, drawing, up } from '../../evaluation/report/plot.ts';
import { axes, scaleOf, shareOf } from './axes.ts';
import { letterOf } from './compare.ts';
import type { Curve } from './run.ts';

export interface CurvesPlot {
  readonly id: string;
  readonly title: string;
  /** One a run, in their order; empty ones are left out. */
  readonly curves: readonly Curve[];
  /** Colour of each. */
  readonly colourOf: readonly number[];
  readonly fromZero: boolean;
}

export function curvesPlot({ id, title, curves, colourOf, fromZero }: CurvesPlot): Markup {
  const points = curves.flat();
  if (points.length === 0) return html`<p class="soft">Nothing was logged yet.</p>`;
  const x = scaleOf(
    points.map(([epochs]) => epochs),
    true,
  );
  const y = scaleOf(
    points.map(([, value]) => value),
    fromZero,
  );
  const place = ([epochs, value]: Curve[number]): string => `${across(shareOf(x, epochs))},${up(shareOf(y, value))}`;
  const lines = curves.map((curve, i) => {
    const last = curve.at(-1);
    if (last === undefined) return undefined;
    const [endX, endY] = place(last).split(',').map(Number);
    return html`<polyline class="run r${colourOf[i] % 8}" points="${curve.map(place).join(' ')}"><title>${letterOf(i)}</title></polyline>
<circle class="dot r${colourOf[i] % 8}" cx="${endX}" cy="${endY}" r="3.5"/><text class="letter" x="${endX + 7}" y="${endY + 4}">${letterOf(i)}</text>`;
  });
  const ends = curves.flatMap((curve, i) => {
    const last = curve.at(-1);
    return last ? [`${letterOf(i)} ends at ${last[1].toPrecision(4)} after ${tenth(last[0])} epochs.`] : [];
  });
  return drawing(id, title, ends.join(' '), [axes(x, y, 'epochs'), ...lines.map((line) => html`${line}`)]);
}

/** A curve as shares of its first value: losses of different kinds have different sizes. */
export function relative(curve: Curve): Curve {
  const first = curve[0]?.[1];
  return first === undefined ? [] : curve.map(([epochs, value]) => [epochs, value / first] as const);
}
