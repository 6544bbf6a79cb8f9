/** @file What the plots share: their frame, scales, grid, and the table that says the same in numbers. */
import { html, type Markup } from './markup.ts';

/** Plot area inside the drawing, in its own units. */
export const area = { width: 560, height: 320, left: 46, right: 22, top: 16, bottom: 44 } as const;
const inner = { width: area.width - area.left - area.right, height: area.height - area.top - area.bottom };

/** x of a share of the width, from 0 to 1. */
export function across(share: number): number {
  return round(area.left + share * inner.width);
}

/** y of a share of the height, from 0 (bottom) to 1. */
export function up(share: number): number {
  return round(area.top + (1 - share) * inner.height);
}

/** Hundredths are finer than any screen. */
export function round(value: number): number {
  return Math.round(100 * value) / 100;
}

/** A drawing with title and description for readers who do not see it. */
export function drawing(id: string, title: string, description: string, content: readonly Markup[]): Markup {
  return html`<svg viewBox="0 0 ${area.width} ${area.height}" role="img" aria-labelledby="${id}-title ${id}-description">
<title id="${id}-title">${title}</title><desc id="${id}-description">${description}</desc>
${content}
</svg>`;
}

/** Horizontal grid lines with their percentages. */
export function percentGrid(ticks: readonly number[], largest: number): Markup[] {
  return ticks.map(
    (
      tick,
    ) => html`<line class="grid" x1="${area.left}" x2="${area.width - area.right}" y1="${up(tick / largest)}" y2="${up(tick / largest)}"/>
<text class="tick" x="${area.left - 8}" y="${up(tick / largest) + 4}" text-anchor="end">${tick}${tick === largest && '%'}</text>`,
  );
}

/** The caption under the horizontal axis. */
export function axisTitle(text: string): Markup {
  return html`<text class="axis" x="${across(0.5)}" y="${area.height - 6}" text-anchor="middle">${text}</text>`;
}

/** What the marks of a drawing stand for, as text above it. */
export function legend(...further: readonly Markup[]): Markup {
  return html`<p class="legend"><span><i class="dot a"></i>image → text</span><span><i class="square b"></i>text → image</span>${further}</p>`;
}

/** The numbers of a drawing, folded away. */
export function numbersTable(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): Markup {
  return html`<details><summary>The same in numbers</summary>
<div class="scroll"><table><caption>${caption}</caption>
<thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map(([first, ...rest]) => html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
</table></div></details>`;
}
