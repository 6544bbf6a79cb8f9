/** @file Writing a comparison: `compare.md`, `compare.json` and `compare.html`. */
import { join } from 'node:path';
import { writeAtomically } from '../../files/atomic.ts';
import { writeJson } from '../../files/json.ts';
import type { Comparison } from './compare.ts';
import { comparisonMarkdown } from './markdown.ts';
import { comparisonPage } from './page.ts';

/** @returns the paths @throws DIPTYCH_FILE_UNWRITABLE */
export async function writeComparison(
  folder: string,
  comparison: Comparison,
): Promise<{ markdown: string; json: string; html: string }> {
  const at = (ending: string): string => join(folder, `compare.${ending}`);
  const paths = { markdown: at('md'), json: at('json'), html: at('html') };
  await writeAtomically(paths.markdown, comparisonMarkdown(comparison));
  await writeJson(paths.json, comparison);
  await writeAtomically(paths.html, comparisonPage(comparison));
  return paths;
}
