/** @file /openapi.json and /docs: the API for programs and for people. The page is plain HTML, without scripts. */

import type { OpenAPIHono } from '@hono/zod-openapi';
import { type Context, Hono } from 'hono';
import { html, raw } from 'hono/html';
import type { AppEnv } from '../env.ts';
import { openApiOf } from '../openapi.ts';

/** Styles within the page, and nothing from anywhere else. */
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

const style = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
code,pre{font:14px/1.45 ui-monospace,monospace}pre{overflow-x:auto;padding:.75rem;border:1px solid #8884;border-radius:6px}
section{border-top:1px solid #8884;padding:.5rem 0}h3{margin:.5rem 0}.method{display:inline-block;min-width:4.5rem;font-weight:700}
.scope{float:right;opacity:.7}nav a{margin-right:1rem}summary{cursor:pointer}`;

/** @param api whose routes are described */
export function docsRoutes(api: OpenAPIHono<AppEnv>): Hono<AppEnv> {
  let made: { json: string; page: Promise<string> } | undefined;
  const document = () => {
    if (made === undefined) {
      const description = openApiOf(api);
      made = { json: JSON.stringify(description), page: pageOf(description as unknown as Description) };
    }
    return made;
  };
  const app = new Hono<AppEnv>();
  app.get('/openapi.json', (c) => c.body(document().json, 200, { 'Content-Type': 'application/json' }));
  app.get('/docs', async (c: Context<AppEnv>) => {
    return c.html(await document().page, 200, { 'Content-Security-Policy': policy });
  });
  return app;
}

interface Description {
  readonly info: { readonly title: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

interface Operation {
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: unknown;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: unknown }>> };
  readonly responses: Readonly<
    Record<
      string,
      { readonly description: string; readonly content?: Readonly<Record<string, { readonly schema?: unknown }>> }
    >
  >;
  readonly 'x-scope'?: string;
}

async function pageOf({ info, paths, components }: Description): Promise<string> {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  const tags = [...new Set(operations.map(({ operation }) => operation.tags?.[0] ?? 'other'))];
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title}: API</title><style>${raw(style)}</style></head><body>
<h1>${info.title}: API</h1><p>${info.description}</p><p><a href="/openapi.json">openapi.json</a></p>
<nav>${tags.map((tag) => html`<a href="#${tag}">${tag}</a>`)}<a href="#schemas">schemas</a></nav>
${tags.map(
  (tag) =>
    html`<h2 id="${tag}">${tag}</h2>${operations
      .filter(({ operation }) => (operation.tags?.[0] ?? 'other') === tag)
      .map(sectionOf)}`,
)}
<h2 id="schemas">schemas</h2>${Object.entries(components.schemas).map(
    ([name, schema]) => html`<section id="schema-${name}"><h3>${name}</h3>${codeOf(schema)}</section>`,
  )}
</body></html>`;
  return String(await page);
}

function sectionOf({ method, path, operation }: { method: string; path: string; operation: Operation }) {
  const { summary, description, parameters = [], requestBody, responses } = operation;
  return html`<section><span class="scope">scope: ${operation['x-scope'] ?? 'none'}</span>
<h3><span class="method">${method}</span><code>${path}</code></h3><p>${summary ?? ''} ${description ?? ''}</p>
${
  parameters.length === 0
    ? ''
    : html`<details><summary>parameters</summary>${parameters.map(
        ({ name, in: place, required, schema }) =>
          html`<p><code>${name}</code> in ${place}${required ? ', needed' : ''}</p>${codeOf(schema)}`,
      )}</details>`
}
${Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) => html`<details><summary>body: ${type}</summary>${codeOf(schema)}</details>`)}
${Object.entries(responses).map(
  ([status, { description: told, content = {} }]) =>
    html`<details><summary>${status}: ${told}</summary>${Object.entries(content).map(
      ([type, { schema }]) => html`<p><code>${type}</code></p>${codeOf(schema ?? {})}`,
    )}</details>`,
)}</section>`;
}

/** JSON, with links to the schemas it names. */
function codeOf(schema: unknown) {
  const escaped = JSON.stringify(schema, undefined, 2).replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const linked = escaped.replace(/"#\/components\/schemas\/(\w+)"/g, '"<a href="#schema-$1">$1</a>"');
  return html`<pre>${raw(linked)}</pre>`;
}
