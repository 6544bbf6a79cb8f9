/** @file The frame of every page that is written to a file: it needs nothing else, no script and no request. */
import { html, type Markup } from './markup.ts';

/** What stands in the frame. */
export interface Document {
  readonly title: string;
  /** Style sheets; where two speak of the same, the later counts. */
  readonly styles: readonly string[];
  readonly body: Markup;
}

/** The whole page. Its policy lets it load nothing: pictures are inside, as data. */
export function documentHtml({ title, styles, body }: Document): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${styles.map((style) => ({ markup: style }))}</style>
</head>
<body>
${body}
</body>
</html>
`.markup;
}
