/** @file Queries to look at, as cards: what was asked, what the model ranked first, and what it should have found. */
import type { Example, Examples } from '../examples.ts';
import type { Relation } from '../relation.ts';
import { html, type Markup } from './markup.ts';
import { count, signed, thousandth } from './numbers.ts';
import type { Thumbnail } from './pictures.ts';

/** What a card needs to show pictures and captions. */
export interface Album {
  readonly relation: Relation;
  /** Text of each caption. */
  readonly captions: readonly string[];
  /** Picture of an image, where there is one. */
  readonly thumbnail: (image: number) => Thumbnail | undefined;
}

/** The sections of best and worst queries. */
export function exampleSections({ best, worst }: Examples, album: Album): Markup {
  return html`${section('The surest hits', 'The truth stands first, furthest above the best wrong item.', best, album)}
${section('The worst misses', 'The truth stands furthest down.', worst, album)}`;
}

function section(title: string, note: string, examples: readonly Example[], album: Album): Markup | undefined {
  if (examples.length === 0) return undefined;
  const cards = (direction: Example['direction']): Markup[] =>
    examples.filter((example) => example.direction === direction).map((example) => card(example, album));
  return html`<h2>${title}</h2><p class="soft">${note}</p>
<h3>image → text</h3><div class="examples">${cards('imageToText')}</div>
<h3>text → image</h3><div class="examples">${cards('textToImage')}</div>`;
}

function card(example: Example, album: Album): Markup {
  const { rank, score, margin, direction } = example;
  const look = direction === 'imageToText';
  const beside = Number.isFinite(margin) && ` · ${signed(margin)} to the best wrong item`;
  return html`<article class="example${look && ' look'}${rank > 1 && ' miss'}">
<p class="verdict"><b>${rank === 1 ? 'found first' : `rank ${count(rank)}`}</b> · score ${thousandth(score)}${beside}</p>
${look ? captionsFound(example, album) : picturesFound(example, album)}
</article>`;
}

function captionsFound({ query, retrieved, rank }: Example, album: Album): Markup {
  const own = Array.from(album.relation.captionsOf[query], (caption) => album.captions[caption]);
  return html`${picture(query, album)}
<ol>${retrieved.map(({ item, score, own }) => html`<li${own && { markup: ' class="own"' }}><i>${thousandth(score)}</i><span>${own && '✓ '}${album.captions[item]}</span></li>`)}</ol>
${rank > 1 && html`<p class="own-list">Its own: ${own.join(' · ')}</p>`}`;
}

function picturesFound({ query, image, retrieved, rank }: Example, album: Album): Markup {
  const shown = (item: number, own: boolean, label: string): Markup =>
    html`<div${own && { markup: ' class="own"' }}>${picture(item, album)}${own && '✓ '}${label}</div>`;
  return html`<p class="asked">“${album.captions[query]}”</p>
<div class="strip">${retrieved.map(({ item, score, own }, position) => shown(item, own, `${position + 1} · ${thousandth(score)}`))}
${!retrieved.some(({ own }) => own) && shown(image, true, count(rank))}</div>`;
}

function picture(image: number, { relation, thumbnail }: Album): Markup {
  const id = relation.imageIds[image];
  const small = thumbnail(image);
  if (small === undefined) return html`<div class="blank">${id}</div>`;
  return html`<img src="${small.uri}" width="${small.width}" height="${small.height}" alt="${id}">`;
}
