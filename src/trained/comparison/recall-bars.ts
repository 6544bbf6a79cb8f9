/** @file The six recalls of each recipe as bars with their spread, grouped by recall. */
import { html, type Markup } from '../../evaluation/report/markup.ts';
import { across, drawing, percentGrid, round, up } from '../../evaluation/report/plot.ts';
import type { RunGroup, Spread } from './groups.ts';
import { spreadText } from './table.ts';

type Reached = NonNullable<RunGroup['reached']>;

const measures = (['imageToText', 'textToImage'] as const).flatMap((direction) =>
  (['r1', 'r5', 'r10'] as const).map((recall) => ({
    name: `${direction === 'imageToText' ? 'i→t' : 't→i'} R@${recall.slice(1)}`,
    of: (reached: Reached): Spread => reached[direction][recall],
  })),
);

export function recallBars(groups: readonly RunGroup[]): Markup {
  const slot = (across(1) - across(0)) / measures.length;
  const width = Math.min(26, (slot * 0.8) / groups.length);
  const bars = measures.flatMap(({ name, of }, measure) =>
    groups.flatMap(({ name: recipe, reached }, i) => {
      if (reached === null) return [];
      const { mean, deviation } = of(reached);
      const x = round(across(0) + slot * (measure + 0.5) + (i - groups.length / 2) * width);
      const top = up(mean / 100);
      const middle = round(x + (width - 1) / 2);
      return [
        html`<rect class="bar r${i % 8}" x="${x}" y="${top}" width="${round(width - 1)}" height="${round(up(0) - top)}"><title>${recipe}, ${name}: ${spreadText(of(reached))} %</title></rect>`,
        deviation !== null &&
          html`<line class="spread" x1="${middle}" x2="${middle}" y1="${up(Math.max(0, mean - deviation) / 100)}" y2="${up(Math.min(100, mean + deviation) / 100)}"/>`,
      ];
    }),
  );
  const names = measures.map(
    ({ name }, measure) =>
      html`<text class="tick" x="${round(across(0) + slot * (measure + 0.5))}" y="${up(0) + 17}" text-anchor="middle">${name}</text>`,
  );
  const told = groups.flatMap(({ name: recipe, reached }) =>
    reached ? [`${recipe}: ${measures.map(({ name, of }) => `${name} ${spreadText(of(reached))} %`).join(', ')}.`] : [],
  );
  return drawing('recalls', 'Recalls of the best evaluations', told.join(' '), [
    ...percentGrid([0, 20, 40, 60, 80, 100], 100),
    html`${bars}`,
    ...names,
  ]);
}
