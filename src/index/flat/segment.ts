/** @file A segment: rows that lie together on disk. Rows are only ever added to it; how many there are the manifest says. */
import { join } from 'node:path';
import { AppendFile } from './append-file.ts';
import { Columns } from './columns.ts';
import { type Line, LineFile, printLine } from './line-file.ts';
import { emptyExtent, type FlatManifest, type SegmentEntry } from './manifest.ts';
import type { Shared } from './snapshot.ts';
import { encodeVectors, VectorFile } from './vector-file.ts';

/** The name of a file of a store: numbers of eight digits, so that names sort as numbers do. */
export function fileName(number: number, part: 'vectors' | 'rows' | 'deleted'): string {
  return `${String(number).padStart(8, '0')}.${part}`;
}

export class Segment {
  readonly number: number;
  readonly vectors: VectorFile;
  readonly lines: LineFile;
  readonly columns: Columns;
  /** Searches and scans that are reading it, and one for as long as it belongs to the newest version. */
  private uses = 1;

  private constructor(number: number, vectors: VectorFile, lines: LineFile) {
    this.number = number;
    this.vectors = vectors;
    this.lines = lines;
    this.columns = new Columns(lines);
  }

  static async create(shared: Shared, manifest: FlatManifest, number: number): Promise<Segment> {
    return Segment.over(shared, manifest, number, (path) => AppendFile.create(path));
  }

  /** @throws DIPTYCH_INDEX_DAMAGED if a file is missing or too short */
  static async open(shared: Shared, manifest: FlatManifest, entry: SegmentEntry): Promise<Segment> {
    return Segment.over(shared, manifest, entry.number, (path, part) =>
      AppendFile.open(path, part === 'vectors' ? entry.vectors : entry.lines, shared.write),
    );
  }

  private static async over(
    { folder, segmentRows, budget, textBudget }: Shared,
    { dimension, dtype }: FlatManifest,
    number: number,
    file: (path: string, part: 'vectors' | 'rows') => Promise<AppendFile>,
  ): Promise<Segment> {
    const vectors = await file(join(folder, fileName(number, 'vectors')), 'vectors');
    try {
      const lines = await file(join(folder, fileName(number, 'rows')), 'rows');
      return new Segment(
        number,
        new VectorFile(vectors, { dimension, dtype, segmentRows }, budget),
        new LineFile(lines, textBudget),
      );
    } catch (cause) {
      await vectors.close();
      throw cause;
    }
  }

  /** The entry of this segment while it has no rows. */
  get empty(): SegmentEntry {
    return { number: this.number, rows: 0, vectors: emptyExtent, lines: emptyExtent };
  }

  /** Writes rows behind those of `entry`; they are there once `sync` is done and a manifest has the entry returned. */
  async append(entry: SegmentEntry, lines: readonly Line[], vectors: readonly Float32Array[]): Promise<SegmentEntry> {
    return {
      number: entry.number,
      rows: entry.rows + lines.length,
      vectors: await this.vectors.file.append(entry.vectors, encodeVectors(vectors, this.vectors.layout)),
      lines: await this.lines.file.append(entry.lines, Buffer.from(lines.map(printLine).join(''))),
    };
  }

  async sync(): Promise<void> {
    await this.vectors.file.sync();
    await this.lines.file.sync();
  }

  hold(): void {
    this.uses++;
  }

  /** Ends one use; after the last one the files are closed. */
  async release(): Promise<void> {
    this.uses--;
    if (this.uses > 0) return;
    this.vectors.free();
    this.lines.free();
    await this.vectors.file.close();
    await this.lines.file.close();
  }
}
