/** @file A diagnosis as one HTML page that needs nothing else. */
import { documentHtml } from '../../evaluation/report/document.ts';
import { html, type Markup } from '../../evaluation/report/markup.ts';
import { tenth, thousandth } from '../../evaluation/report/numbers.ts';
import type { Thumbnail } from '../../evaluation/report/pictures.ts';
import { style } from '../../evaluation/report/style.ts';
import { runStyle } from '../comparison/run-style.ts';
import type { Diagnosis } from './diagnose.ts';
import type { Hubness } from './hubness.ts';
import { type Line, linePlot } from './line-plot.ts';
import type { Spectrum } from './spectrum.ts';

/** What the page shows of the data beside numbers. */
export interface Album {
  /** Text of each caption, in the order of the relation. */
  readonly captions: readonly string[];
  /** Picture of an image, by its position. */
  thumbnail(image: number): Thumbnail | undefined;
}

const ownStyle = `
.hubs { display: flex; flex-wrap: wrap; gap: 12px; } .hubs figure { margin: 0; width: 170px; }
.hubs img { width: 100%; height: 128px; object-fit: contain; background: var(--card); border: 1px solid var(--rule); border-radius: 6px; }
.hubs figcaption { font-size: 12px; overflow-wrap: anywhere; } .hubs p { margin: 0; }
.told td:last-child, .told th:last-child { text-align: left; }
dl.means { display: grid; grid-template-columns: max-content max-content 1fr; gap: 6px 18px; align-items: baseline; }
dl.means dt { font-weight: 600; } dl.means dd { margin: 0; font-variant-numeric: tabular-nums; }
dl.means dd + dd { color: var(--soft); }
`;

/** The whole page. */
export function diagnosisPage(diagnosis: Diagnosis, album: Album): string {
  const { model, split, images, captions } = diagnosis;
  return documentHtml({
    title: `Diagnosis of ${model}`,
    styles: [style, runStyle, ownStyle],
    body: html`<main>
<header><div><h1>Diagnosis of ${model}</h1><p class="soft">${images} images and ${captions} captions of ${split}.</p></div></header>
${figures(diagnosis)}
<h2>Scores</h2>
<div class="pair">
<figure><figcaption>Scores of matched and of random pairs</figcaption>${scorePlot(diagnosis)}</figure>
<div>${percentileTable(diagnosis)}</div>
</div>
<h2>Hubs</h2>
<p class="soft">Items that come up for far more queries than their share. A wide tail to the left, and many that never come up: hubs.</p>
<div class="pair">
<figure><figcaption>Times among the ${diagnosis.hubness.images.k} nearest, items in falling order</figcaption>${hubPlot(diagnosis)}</figure>
<div>${captionHubs(diagnosis, album)}</div>
</div>
<h3>Images that come up most often for captions</h3>
${imageHubs(diagnosis, album)}
<h2>Directions, and what training did</h2>
<div class="pair">
<figure><figcaption>Share of the variance in the first directions</figcaption>${spectrumPlot(diagnosis)}</figure>
<figure><figcaption>Loss of each objective before its weight, as a share of its first value</figcaption>${objectivePlot(diagnosis)}</figure>
</div>
${objectiveTable(diagnosis)}
<footer>Written by Diptych.</footer>
</main>`,
  });
}

/** Each figure with what it says when it is small or large. */
function figures({ modalityGap, alignment, uniformity, spectrum, hubness, similarities }: Diagnosis): Markup {
  const rank = ({ effectiveRank, dimension }: Spectrum): string => `${tenth(effectiveRank)} of ${dimension}`;
  const rows: [string, string, string][] = [
    [
      'Separation',
      thousandth(similarities.separation),
      'how probably a matched pair scores above a random one; 0.5 by chance',
    ],
    [
      'Alignment',
      thousandth(alignment),
      'mean squared distance of an image and its caption; 0 is the same point, 2 nothing in common',
    ],
    [
      'Uniformity, images',
      thousandth(uniformity.images),
      '0 is one point, about −4 an even spread; near 0 the space has collapsed',
    ],
    ['Uniformity, captions', thousandth(uniformity.captions), 'the same of captions'],
    [
      'Modality gap',
      thousandth(modalityGap),
      'distance between the means of both kinds, from 0 to 2; a wide gap makes scores of the two kinds incomparable',
    ],
    [
      'Effective rank, images',
      rank(spectrum.images),
      'directions in use; far below the dimension: room that is not used',
    ],
    ['Effective rank, captions', rank(spectrum.captions), 'the same of captions'],
    [
      'Hubness, images',
      hubness.images.skewness.toFixed(2),
      `skewness of how often each comes up; ${percent(hubness.images.never)} never do`,
    ],
    [
      'Hubness, captions',
      hubness.captions.skewness.toFixed(2),
      `the same of captions; ${percent(hubness.captions.never)} never do`,
    ],
  ];
  return html`<dl class="means">${rows.map(([name, value, meaning]) => html`<dt>${name}</dt><dd>${value}</dd><dd>${meaning}</dd>`)}</dl>`;
}

function percent(share: number): string {
  return `${tenth(100 * share)} %`;
}

function scorePlot({ similarities }: Diagnosis): Markup {
  const { edges, matched, random, separation } = similarities;
  const line = (name: string, shares: readonly number[]): Line => ({
    name,
    points: shares.map((share, i) => [(edges[i] + edges[i + 1]) / 2, 100 * share]),
  });
  return linePlot({
    id: 'scores',
    title: 'Scores of matched and random pairs',
    description: `A matched pair scores above a random one with probability ${thousandth(separation)}.`,
    axis: 'score; vertical: percent of the pairs',
    lines: [line('matched', matched), line('random', random)],
    fromZero: false,
  });
}

function percentileTable({ similarities: { percentiles } }: Diagnosis): Markup {
  return html`<div class="scroll"><table><caption>Scores below which so many percent of the pairs lie</caption>
<thead><tr><th scope="col">percent</th><th scope="col">matched</th><th scope="col">random</th></tr></thead>
<tbody>${percentiles.map(
    (row) =>
      html`<tr><th scope="row">${row.percent}</th><td>${thousandth(row.matched)}</td><td>${thousandth(row.random)}</td></tr>`,
  )}</tbody></table></div>`;
}

function hubPlot({ hubness }: Diagnosis): Markup {
  const line = (name: string, { sorted }: Hubness): Line => ({
    name,
    points: sorted.map((count, i) => [(100 * i) / Math.max(1, sorted.length - 1), count]),
  });
  const told = (name: string, { skewness }: Hubness): string => `${name}: skewness ${tenth(skewness)}.`;
  return linePlot({
    id: 'hubs',
    title: 'How often items come up',
    description: `${told('Images', hubness.images)} ${told('Captions', hubness.captions)}`,
    axis: 'percent of the items; vertical: times',
    lines: [line('images', hubness.images), line('captions', hubness.captions)],
    fromZero: true,
  });
}

function imageHubs({ hubness, hubIds }: Diagnosis, album: Album): Markup {
  const cards = hubness.images.hubs.map(({ item, count }, i) => {
    const picture = album.thumbnail(item);
    const id = hubIds.images[i];
    return html`<figure>${picture && html`<img src="${picture.uri}" alt="${id}">`}<figcaption><b>${count} times</b><p>${id}</p></figcaption></figure>`;
  });
  return html`<div class="hubs">${cards}</div>`;
}

function captionHubs({ hubness }: Diagnosis, { captions }: Album): Markup {
  return html`<div class="scroll"><table class="told"><caption>Captions that come up most often for images</caption>
<thead><tr><th scope="col">times</th><th scope="col">caption</th></tr></thead>
<tbody>${hubness.captions.hubs.map(({ item, count }) => html`<tr><th scope="row">${count}</th><td>${captions[item]}</td></tr>`)}</tbody></table></div>`;
}

function spectrumPlot({ spectrum }: Diagnosis): Markup {
  const line = (name: string, { explained }: Spectrum): Line => ({
    name,
    points: [[0, 0], ...explained.map((share, i) => [i + 1, 100 * share] as const)],
  });
  const told = (name: string, { effectiveRank, dimension }: Spectrum): string =>
    `${name}: effective rank ${tenth(effectiveRank)} of ${dimension}.`;
  return linePlot({
    id: 'spectrum',
    title: 'Variance by directions',
    description: `${told('Images', spectrum.images)} ${told('Captions', spectrum.captions)}`,
    axis: 'directions; vertical: percent of the variance',
    lines: [line('images', spectrum.images), line('captions', spectrum.captions)],
    fromZero: true,
  });
}

function objectivePlot({ objectives }: Diagnosis): Markup {
  if (objectives.length === 0) return html`<p class="soft">A bundle has no log of its training.</p>`;
  return linePlot({
    id: 'objectives',
    title: 'Loss of each objective',
    description: objectives
      .map(({ name, first, last }) => `${name}: from ${number(first)} to ${number(last)}.`)
      .join(' '),
    axis: 'steps',
    lines: objectives.map(({ name, points, first }) => ({
      name,
      points: points.map(([step, loss]) => [step, first === 0 ? loss : loss / first]),
    })),
    fromZero: true,
  });
}

function objectiveTable({ objectives }: Diagnosis): Markup | undefined {
  if (objectives.length === 0) return undefined;
  return html`<div class="scroll"><table><caption>Loss of each objective before its weight</caption>
<thead><tr><th scope="col">objective</th><th scope="col">first</th><th scope="col">last</th><th scope="col">of the fall of all</th></tr></thead>
<tbody>${objectives.map(
    ({ name, first, last, share }) =>
      html`<tr><th scope="row">${name}</th><td>${number(first)}</td><td>${number(last)}</td><td>${share === null ? '–' : percent(share)}</td></tr>`,
  )}</tbody></table></div>`;
}

function number(value: number): string {
  return String(Number(value.toPrecision(4)));
}
