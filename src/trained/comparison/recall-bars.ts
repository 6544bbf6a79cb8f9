/** @file The six recalls of each run's best evaluation as bars, grouped by recall. */
import { html, type Markup } from '../../evaluation/report/markup.ts';
import { tenth } from '../../evaluation/report/numbers.ts';
import { across, drawing, percentGrid, round, up } from '../../evaluation/report/plot.ts';
import { letterOf } from './compare.ts';
import type { BestEvaluation, ComparedRun } from './run.ts';

const measures = (['imageToText', 'textToImage'] as const).flatMap((direction) =>
  (['r1', 'r5', 'r10'] as const).map((recall) => ({
    name: `${direction === 'imageToText' ? 'i→t' : 't→i'} R@${recall.slice(1)}`,
    of: (best: BestEvaluation): number => best[direction][recall],
  })),
);

export function recallBars(runs: readonly ComparedRun[]): Markup {
  const slot = (across(1) - across(0)) / measures.length;
  const width = Math.min(26, (slot * 0.8) / runs.length);
  const bars = measures.flatMap(({ name, of }, group) =>
    runs.map(({ best }, i) => {
      if (best === null) return undefined;
      const x = round(across(0) + slot * (group + 0.5) + (i - runs.length / 2) * width);
      const top = up(of(best) / 100);
      return html`<rect class="bar r${i % 8}" x="${x}" y="${top}" width="${round(width - 1)}" height="${round(up(0) - top)}"><title>${letterOf(i)}, ${name}: ${tenth(of(best))} %</title></rect>`;
    }),
  );
  const names = measures.map(
    ({ name }, group) =>
      html`<text class="tick" x="${round(across(0) + slot * (group + 0.5))}" y="${up(0) + 17}" text-anchor="middle">${name}</text>`,
  );
  const told = runs.flatMap(({ best }, i) =>
    best ? [`${letterOf(i)}: ${measures.map(({ name, of }) => `${name} ${tenth(of(best))} %`).join(', ')}.`] : [],
  );
  return drawing('recalls', 'Recalls of the best evaluations', told.join(' '), [
    ...percentGrid([0, 20, 40, 60, 80, 100], 100),
    ...bars.map((bar) => html`${bar}`),
    ...names,
  ]);
}
