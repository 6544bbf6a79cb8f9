/** @file Recall over K in both directions, K on a logarithmic axis. */
import type { RecallCurves } from './curves.ts';
import { html, type Markup } from './markup.ts';
import { count, tenth } from './numbers.ts';
import { across, axisTitle, drawing, legend, numbersTable, percentGrid, up } from './plot.ts';

export function recallPlot(curves: RecallCurves): Markup {
  const { k } = curves;
  const last = k.at(-1)!;
  const x = (at: number): number => across(last === 1 ? 0 : Math.log(at) / Math.log(last));
  const points = (recalls: readonly number[]): string =>
    recalls.map((recall, i) => `${x(k[i])},${up(recall / 100)}`).join(' ');
  const ticks = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].filter((tick) => tick <= last);
  const at = (recalls: readonly number[], value: number): string => `${tenth(recalls[k.indexOf(value)])} %`;
  const described = [1, 5, 10].filter((value) => k.includes(value));
  const summary = (name: string, recalls: readonly number[]): string =>
    `${name}: ${described.map((value) => `${at(recalls, value)} at ${value}`).join(', ')}.`;
  const content = [
    ...percentGrid([0, 20, 40, 60, 80, 100], 100),
    ...ticks.map(
      (tick) => html`<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${up(0)}" y2="${up(1)}"/>
<text class="tick" x="${x(tick)}" y="${up(0) + 17}" text-anchor="middle">${count(tick)}</text>`,
    ),
    html`<polyline class="chance" points="${points(curves.chance)}"/>`,
    html`<polyline class="line-b" points="${points(curves.textToImage)}"/>`,
    html`<polyline class="line-a" points="${points(curves.imageToText)}"/>`,
    ...described.map(
      (
        value,
      ) => html`<rect class="fill-b" x="${x(value) - 4}" y="${up(curves.textToImage[k.indexOf(value)] / 100) - 4}" width="8" height="8"><title>text → image, K = ${value}: ${at(curves.textToImage, value)}</title></rect>
<circle class="fill-a" cx="${x(value)}" cy="${up(curves.imageToText[k.indexOf(value)] / 100)}" r="4.5"><title>image → text, K = ${value}: ${at(curves.imageToText, value)}</title></circle>`,
    ),
    axisTitle('K, how many results are looked at'),
  ];
  return html`${legend(html`<span><i class="dashes"></i>chance</span>`)}
${drawing('recall', 'Recall at K', `${summary('Image to text', curves.imageToText)} ${summary('Text to image', curves.textToImage)}`, content)}
${numbersTable(
  'Recall at K in percent',
  ['K', 'image → text', 'text → image', 'chance'],
  k.map((value, i) => [
    count(value),
    tenth(curves.imageToText[i]),
    tenth(curves.textToImage[i]),
    tenth(curves.chance[i]),
  ]),
)}`;
}
