/** @file Writing a contact sheet to a file. */
import { DiptychError } from '../../errors/error.ts';
import { writeAtomically } from '../../files/atomic.ts';
import { sheetHtml } from './html.ts';
import { sheetPng } from './png.ts';
import type { Sheet } from './sheet.ts';

/**
 * Writes a sheet as one self-contained page or as a picture, by the ending of its name.
 *
 * @throws DIPTYCH_INDEX_OPTION if it is neither `.html` nor `.png`, DIPTYCH_FILE_UNWRITABLE
 */
export async function writeSheet(path: string, sheet: Sheet): Promise<void> {
  if (/\.html?$/i.test(path)) await writeAtomically(path, await sheetHtml(sheet));
  else if (/\.png$/i.test(path)) await writeAtomically(path, await sheetPng(sheet));
  else
    throw new DiptychError('DIPTYCH_INDEX_OPTION', {
      option: 'sheet',
      problem: `${path} ends in neither .html nor .png`,
    });
}
