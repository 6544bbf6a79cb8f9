/** @file How the ranks of the truth are spread: bars for both directions side by side. */
import type { RankHistogram } from './curves.ts';
import { html, type Markup } from './markup.ts';
import { count, tenth } from './numbers.ts';
import { across, axisTitle, drawing, legend, numbersTable, percentGrid, round, up } from './plot.ts';

export function histogramPlot(histogram: RankHistogram): Markup {
  const { bins, imageToText, textToImage } = histogram;
  const step = niceStep(Math.max(...imageToText, ...textToImage));
  const largest = step * Math.ceil(Math.max(...imageToText, ...textToImage) / step);
  const ticks = Array.from({ length: Math.round(largest / step) + 1 }, (_, i) => i * step);
  const slot = (across(1) - across(0)) / bins.length;
  const width = Math.min(26, slot * 0.36);
  const bar = (mark: 'a' | 'b', share: number, bin: number): Markup => {
    const x = round(across(0) + slot * (bin + 0.5) + (mark === 'a' ? -width - 1 : 1));
    return html`<rect class="fill-${mark}" x="${x}" y="${up(share / largest)}" width="${round(width)}" height="${round(up(0) - up(share / largest))}"><title>${mark === 'a' ? 'image → text' : 'text → image'}, rank ${name(bins[bin])}: ${tenth(share)} %</title></rect>`;
  };
  const content = [
    ...percentGrid(ticks, largest),
    ...bins.map((_, bin) => html`${bar('a', imageToText[bin], bin)}${bar('b', textToImage[bin], bin)}`),
    ...bins.map(
      (bin, i) =>
        html`<text class="tick${bins.length > 9 && ' small'}" x="${round(across(0) + slot * (i + 0.5))}" y="${up(0) + 17}" text-anchor="middle">${shortName(bin)}</text>`,
    ),
    html`<line class="base" x1="${across(0)}" x2="${across(1)}" y1="${up(0)}" y2="${up(0)}"/>`,
    axisTitle('rank of the truth'),
  ];
  const description = `Share of the queries by rank. ${bins.map((bin, i) => `Rank ${name(bin)}: ${tenth(imageToText[i])} % image to text, ${tenth(textToImage[i])} % text to image.`).join(' ')}`;
  return html`${legend()}
${drawing('ranks', 'Ranks of the truth', description, content)}
${numbersTable(
  'Share of the queries in percent',
  ['Rank', 'image → text', 'text → image'],
  bins.map((bin, i) => [name(bin), tenth(imageToText[i]), tenth(textToImage[i])]),
)}`;
}

function name([from, to]: readonly [number, number]): string {
  return from === to ? count(from) : `${count(from)}–${count(to)}`;
}

/** Wide bins by their end alone, so that neighbours do not touch. */
function shortName([from, to]: readonly [number, number]): string {
  if (from <= 10) return name([from, to]);
  return `to ${to < 1000 ? to : `${to / 1000}k`}`;
}

/** The least of 1, 2, 5, 10, 20 … that makes at most five steps. */
function niceStep(largest: number): number {
  return [1, 2, 5, 10, 20].find((step) => largest / step <= 5) ?? 20;
}
