// Writes the pages that are made from tables: docs/errors.md, docs/options.md and docs/openapi.json. Run through tsx: `npm run docs`.
import { writeFileSync } from 'node:fs';
import { catalog } from '../src/cli/catalog.ts';
import { optionsPage } from '../src/config/page.ts';
import { errorsPage } from '../src/errors/page.ts';
import { apiDescription } from '../src/server/description.ts';

const pages = { 'errors.md': errorsPage(), 'options.md': optionsPage(catalog), 'openapi.json': await apiDescription() };
for (const [name, text] of Object.entries(pages)) {
  writeFileSync(new URL(`../docs/${name}`, import.meta.url), text);
}
