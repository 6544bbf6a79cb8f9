/** @file Groups of duplicates as one HTML page that needs nothing else: the picture that is kept first, then the others. */
import { documentHtml } from '../../evaluation/report/document.ts';
import { html, type Markup } from '../../evaluation/report/markup.ts';
import { writeAtomically } from '../../files/atomic.ts';
import type { Duplicate, DuplicateGroup, DuplicateItem, DuplicateReport } from '../../index/duplicates/duplicates.ts';
import { style } from './style.ts';
import { type Thumbnail, thumbnails } from './thumbnail.ts';

/** Groups and pictures of a group beyond these are counted, not shown: a page should open. */
const GROUPS = 300;
const PICTURES = 24;
/** Pixels of a side. */
const SIDE = 240;

const ownStyle = `
section { padding: 18px 28px; max-width: 1680px; margin: 0 auto; border-top: 1px solid var(--rule); }
h2 { margin: 0 0 12px; font-size: 15px; font-weight: 600; }
.group { display: flex; flex-wrap: wrap; gap: 14px; }
.group figure { flex: 0 0 ${SIDE}px; }
.group .picture { height: ${Math.round(SIDE * 0.75)}px; }
figure.kept { border-color: var(--gilt); border-width: 2px; }
p.more { align-self: center; color: var(--soft); }
`;

const likenesses = { bytes: 'the same file', pixels: 'the same pixels', embedding: 'alike' } as const;

/** One line on what was found. */
export function duplicatesSummary({ groups, pictures, threshold, suggestedThreshold }: DuplicateReport): string {
  const others = groups.reduce((sum, group) => sum + group.others.length, 0);
  const limit = threshold === null ? '' : `; alike from ${threshold}`;
  const suggestion = suggestedThreshold === null ? '' : ` (these pictures suggest ${suggestedThreshold})`;
  return `${pictures} pictures: ${groups.length} groups, ${others} that could go${limit}${suggestion}`;
}

/** Writes the page. @throws DIPTYCH_FILE_UNWRITABLE */
export async function writeDuplicatesPage(path: string, report: DuplicateReport): Promise<void> {
  const shown = report.groups.slice(0, GROUPS);
  const sections: Markup[] = [];
  for (const [i, group] of shown.entries()) sections.push(await groupMarkup(group, i));
  const left = report.groups.length - shown.length;
  const text = documentHtml({
    title: 'Duplicates · Diptych',
    styles: [style, ownStyle],
    body: html`<header><h1>Duplicates</h1><p>${duplicatesSummary(report)}</p></header>
${sections}
${sections.length === 0 && html`<section><p class="none">No two pictures are the same.</p></section>`}
${left > 0 && html`<section><p class="more">and ${left} smaller groups, which <code>--json</code> lists</p></section>`}`,
  });
  await writeAtomically(path, text);
}

async function groupMarkup({ kept, others }: DuplicateGroup, position: number): Promise<Markup> {
  const shown = others.slice(0, PICTURES);
  const pictures = await thumbnails(
    [kept, ...shown].map(({ path }) => path),
    SIDE * 2,
    SIDE * 1.5,
  );
  return html`<section><h2>${position + 1}. ${kept.id}</h2><div class="group">
${figureMarkup(kept, 'kept', pictures[0], true)}
${shown.map((other, i) => figureMarkup(other, relationOf(other), pictures[i + 1], false))}
${others.length > shown.length && html`<p class="more">and ${others.length - shown.length} more</p>`}
</div></section>`;
}

function relationOf({ by, score }: Duplicate): string {
  return by === 'embedding' ? `${likenesses[by]}: ${score.toFixed(3)}` : likenesses[by];
}

function figureMarkup(
  { id, path, size }: DuplicateItem,
  relation: string,
  picture: Thumbnail | undefined,
  kept: boolean,
): Markup {
  return html`<figure${kept && { markup: ' class="kept"' }}><div class="picture">${
    picture === undefined
      ? html`<p class="missing">no picture at ${path ?? 'any place'}</p>`
      : html`<img src="data:image/jpeg;base64,${picture.jpeg.toString('base64')}" alt="${id}" loading="lazy">`
  }</div><figcaption><div class="line"><b>${relation}</b><span class="id" title="${path ?? id}">${id}</span></div>${
    size !== null && html`<p>${size.replace('x', ' × ')}</p>`
  }</figcaption></figure>`;
}
