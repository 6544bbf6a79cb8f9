/** @file JSONL: one object a line, its fields being the columns. */
import { faultOf } from '../../files/json-fault.ts';
import { readLines } from '../../files/text.ts';
import type { Reader, Reading } from '../dataset.ts';
import { type Row, readTable } from './table.ts';

export const readJsonl: Reader = async function readJsonl(reading) {
  for (const { path, split } of reading.source.files) {
    await readTable(reading, { file: path, split, textual: false, ...(await readRows(reading, path)) });
  }
  return undefined;
};

async function readRows({ gatherer }: Reading, file: string): Promise<{ columns: string[]; rows: Row[] }> {
  const positions = new Map<string, number>();
  const rows: Row[] = [];
  for await (const { line, text } of readLines(file)) {
    if (text === undefined) gatherer.quarantine({ file, line }, 'encoding', 'not UTF-8');
    if (text === undefined || text.trim() === '') continue;
    const value = parse(text);
    if (typeof value === 'string') {
      gatherer.quarantine({ file, line }, 'malformed', value);
      continue;
    }
    const values: unknown[] = [];
    for (const [name, field] of Object.entries(value)) {
      if (!positions.has(name)) positions.set(name, positions.size);
      values[positions.get(name)!] = field;
    }
    rows.push({ line, values });
  }
  return { columns: [...positions.keys()], rows };
}

/** The object of a line, or what is wrong with it. */
function parse(text: string): object | string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : 'not an object';
  } catch {
    const { column, reason } = faultOf(text);
    return `not JSON at column ${column}: ${reason}`;
  }
}
