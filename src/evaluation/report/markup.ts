/** @file HTML and SVG as tagged templates in which every text is escaped unless it is markup already. */

/** Text that is safe to put into a page. */
export interface Markup {
  readonly markup: string;
}

/** What a template may hold; lists are joined, undefined and false leave nothing. */
export type Content = Markup | string | number | undefined | false | readonly Content[];

/** Builds markup; interpolated strings are escaped, in text and in quoted attributes. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return { markup: parts.map((part, i) => part + (i < contents.length ? render(contents[i]) : '')).join('') };
}

function render(content: Content): string {
  if (content === undefined || content === false) return '';
  if (typeof content === 'string' || typeof content === 'number') return escapeText(String(content));
  return isMarkup(content) ? content.markup : content.map(render).join('');
}

function isMarkup(content: Markup | readonly Content[]): content is Markup {
  return 'markup' in content;
}

function escapeText(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
