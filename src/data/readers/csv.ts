/** @file CSV and TSV with a header line that names the columns. */
import { DiptychError } from '../../errors/error.ts';
import { csvRecords } from '../../files/csv.ts';
import { readBytes } from '../../files/text.ts';
import type { Reader, Reading } from '../dataset.ts';
import { type Row, readTable, type Table } from './table.ts';

export const readCsv: Reader = async function readCsv(reading) {
  for (const { path, split } of reading.source.files) {
    const { buffer, byteOffset, byteLength } = await readBytes(path);
    const table = tableOf(reading, path, Buffer.from(buffer, byteOffset, byteLength));
    await readTable(reading, { ...table, split });
  }
  return undefined;
};

const reasons = {
  encoding: 'not UTF-8',
  quote: 'a quote is not closed at the end of its field (where quotes are plain text, set quotes=false)',
} as const;

function tableOf({ gatherer, options, source }: Reading, file: string, bytes: Buffer): Omit<Table, 'split'> {
  const delimiter = options.delimiter ?? (source.format === 'tsv' ? '\t' : delimiterOf(bytes));
  let columns: readonly string[] | undefined;
  const rows: Row[] = [];
  for (const record of csvRecords(bytes, { delimiter, quotes: options.quotes ?? true })) {
    const place = { file, line: record.line };
    if ('fault' in record) {
      if (columns === undefined) throw headerFault(file, record.line, record.fault);
      gatherer.quarantine(place, record.fault === 'encoding' ? 'encoding' : 'malformed', reasons[record.fault]);
    } else if (columns === undefined) {
      columns = record.fields;
    } else if (record.fields.length !== columns.length) {
      const reason = `${record.fields.length} fields where the header has ${columns.length}`;
      gatherer.quarantine(place, 'malformed', reason);
    } else {
      rows.push({ line: record.line, values: record.fields });
    }
  }
  return { file, columns: columns ?? [], rows, textual: true };
}

function headerFault(path: string, line: number, fault: keyof typeof reasons): DiptychError {
  if (fault === 'encoding') return new DiptychError('DIPTYCH_FILE_ENCODING', { path, line });
  return new DiptychError('DIPTYCH_DATA_BROKEN', { path, reason: `its header cannot be read: ${reasons[fault]}` });
}

/** The likeliest delimiter of the header line. */
function delimiterOf(bytes: Buffer): string {
  const [header] = bytes
    .subarray(0, 65536)
    .toString('latin1')
    .split(/[\r\n]/, 1);
  const counts = [',', ';', '\t', '|'].map((mark) => ({ mark, count: header.split(mark).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).mark;
}
