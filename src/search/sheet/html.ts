/** @file A contact sheet as one HTML page that needs nothing else: pictures within, no script, no request. */
import { documentHtml } from '../../evaluation/report/document.ts';
import { html, type Markup } from '../../evaluation/report/markup.ts';
import type { Metadata, MetadataValue } from '../../index/store.ts';
import type { SearchResult } from '../search.ts';
import { captionOf, type Sheet, type SheetPart } from './sheet.ts';
import { style } from './style.ts';
import { type Thumbnail, thumbnails } from './thumbnail.ts';

/** Height of a row of pictures; twice as many pixels, for dense screens. */
const ROW = 200;

/** The page. Pictures that cannot be read leave a frame that says so. */
export async function sheetHtml({ query, results, note }: Sheet): Promise<string> {
  const asked = await thumbnails(
    query.map(({ picture }) => picture),
    320,
    160,
  );
  const found = await thumbnails(
    results.map(({ path }) => path),
    6 * ROW,
    2 * ROW,
  );
  const title = query.map(({ label }) => label).join(' + ');
  const best = Math.max(...results.map(({ score }) => score), 1e-6);
  return documentHtml({
    title: `${title} · Diptych`,
    styles: [style],
    body: html`<header>
<h1>${query.map((part, i) => partMarkup(part, i, asked[i]))}</h1>
<p>${note}</p>
</header>
<main>
${results.map((result, i) => resultMarkup(result, i, found[i], best))}
${results.length === 0 && html`<p class="none">Nothing was found.</p>`}
</main>`,
  });
}

function partMarkup({ weight, label, picture }: SheetPart, i: number, shown: Thumbnail | undefined): Markup {
  const sign = weight < 0 ? '−' : '+';
  const amount = Math.abs(weight) === 1 ? '' : `${Math.abs(weight)} × `;
  const lead = i === 0 && weight > 0 ? '' : sign;
  return html`<span class="part">${lead !== '' && html`<i>${lead}</i> `}${amount !== '' && html`<i>${amount}</i>`}${
    shown === undefined
      ? html`<q>${label}</q>`
      : html`<img src="${uriOf(shown)}" alt="${label}" title="${picture ?? label}">`
  }</span> `;
}

function resultMarkup(
  { id, score, path, metadata }: SearchResult,
  i: number,
  shown: Thumbnail | undefined,
  best: number,
): Markup {
  const shape = shown === undefined ? 4 / 3 : Math.min(3, Math.max(0.75, shown.width / shown.height));
  const share = Math.max(0, Math.min(1, score / best));
  const caption = captionOf(metadata);
  // A row shares its width among its pictures by their shapes, so that none is cut and all have one height.
  return html`<figure style="flex: ${round(shape)} 1 ${Math.round(shape * ROW)}px">
<div class="picture" style="aspect-ratio: ${round(shape)}">
${
  shown === undefined
    ? html`<p class="missing">no picture at ${path ?? 'any place'}</p>`
    : html`<img src="${uriOf(shown)}" width="${shown.width}" height="${shown.height}" alt="${caption === '' ? id : caption}" loading="lazy">`
}
</div>
<figcaption>
<div class="line"><b>${i + 1}</b><span class="id" title="${path ?? id}">${id}</span><span class="score">${score.toFixed(3)}</span></div>
<div class="bar"><div style="width: ${round(100 * share)}%"></div></div>
${caption !== '' && html`<p>${caption}</p>`}
<details><summary>about it</summary><dl>${rowsMarkup(metadata)}</dl></details>
</figcaption>
</figure>`;
}

function rowsMarkup(metadata: Metadata): Markup[] {
  return Object.entries(metadata).map(([name, value]) => html`<dt>${name}</dt><dd>${printValue(value)}</dd>`);
}

function printValue(value: MetadataValue): string {
  return Array.isArray(value) ? value.join(' · ') : String(value);
}

function uriOf({ jpeg }: Thumbnail): string {
  return `data:image/jpeg;base64,${jpeg.toString('base64')}`;
}

function round(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
