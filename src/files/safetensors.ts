/** @file Named arrays in safetensors files, checked strictly on reading and written atomically. */
import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { DiptychError } from '../errors/error.ts';
import { writeAtomically } from './atomic.ts';
import { allocate, bytesOf, elementsOf, openForReading, readFully, writeFully } from './bytes.ts';

/** How the numbers of a type are held: half precision as 16-bit patterns, truth values as bytes. */
export interface SafetensorsData {
  F16: Uint16Array<ArrayBuffer>;
  F32: Float32Array<ArrayBuffer>;
  F64: Float64Array<ArrayBuffer>;
  I32: Int32Array<ArrayBuffer>;
  I64: BigInt64Array<ArrayBuffer>;
  U8: Uint8Array<ArrayBuffer>;
  U32: Uint32Array<ArrayBuffer>;
  BOOL: Uint8Array<ArrayBuffer>;
}

export type SafetensorsDtype = keyof SafetensorsData;

/** One array with its type and shape. */
export type StoredTensor = {
  [D in SafetensorsDtype]: { readonly dtype: D; readonly shape: readonly number[]; readonly data: SafetensorsData[D] };
}[SafetensorsDtype];

/** The content of a file. */
export interface Safetensors {
  readonly tensors: Map<string, StoredTensor>;
  readonly metadata: Record<string, string>;
}

const arrays = {
  F16: Uint16Array,
  F32: Float32Array,
  F64: Float64Array,
  I32: Int32Array,
  I64: BigInt64Array,
  U8: Uint8Array,
  U32: Uint32Array,
  BOOL: Uint8Array,
} as const;

/** The limit of the reference implementation. */
const LONGEST_HEADER = 100_000_000;

const metadataName = '__metadata__';
const count = z.number().int().nonnegative();
const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(count),
  data_offsets: z.tuple([count, count]),
});
const metadataSchema = z.record(z.string(), z.string());

/**
 * Reads a whole safetensors file; every array gets memory of its own.
 *
 * @throws DIPTYCH_FILE_MISSING, DIPTYCH_FILE_UNREADABLE, DIPTYCH_SAFETENSORS_INVALID
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  const { handle, size } = await openForReading(path);
  try {
    const { spans, metadata, start } = await readHeader(path, handle, size);
    const tensors = new Map<string, StoredTensor>();
    for (const { name, dtype, shape, begin, end, elements } of spans) {
      const data = allocate(path, end - begin, () => new arrays[dtype](elements));
      if ((await readFully(handle, bytesOf(data), start + begin)) < data.byteLength) {
        throw new DiptychError('DIPTYCH_SAFETENSORS_INVALID', { path, reason: 'it was cut off while being read' });
      }
      tensors.set(name, { dtype, shape, data } as StoredTensor);
    }
    return { tensors, metadata };
  } finally {
    await handle.close();
  }
}

/**
 * Writes named arrays atomically, each aligned to the size of its numbers, in an order that depends on types and names only.
 *
 * @param tensors by name; `__metadata__` is no name
 * @throws DIPTYCH_ARRAY_SHAPE, DIPTYCH_FILE_UNWRITABLE
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  // Wide numbers first: then each array begins at a multiple of the size of its numbers.
  const ordered = [...tensors].sort(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [[metadataName, metadata]] : [];
  let end = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    if (elementsOf(shape) !== data.length || name === metadataName) {
      throw new DiptychError('DIPTYCH_ARRAY_SHAPE', { path, name, shape, length: data.length });
    }
    header.push([name, { dtype, shape, data_offsets: [end, end + data.byteLength] }]);
    end += data.byteLength;
  }
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const padded = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, ' ');
  padded.writeBigUInt64LE(BigInt(padded.length - 8));
  text.copy(padded, 8);
  await writeAtomically(path, async (file) => {
    await writeFully(file, padded, 0);
    let position = padded.length;
    for (const [, { data }] of ordered) {
      await writeFully(file, bytesOf(data), position);
      position += data.byteLength;
    }
  });
}

/** Where one array lies, in bytes from the end of the header. */
interface Span {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: number[];
  readonly elements: number;
  readonly begin: number;
  readonly end: number;
}

type Header = { readonly spans: Span[]; readonly metadata: Record<string, string>; readonly start: number };

async function readHeader(path: string, handle: FileHandle, size: number): Promise<Header> {
  const refuse = (reason: string, cause?: unknown): never => {
    throw new DiptychError('DIPTYCH_SAFETENSORS_INVALID', { path, reason }, { cause });
  };
  const prefix = new DataView(new ArrayBuffer(8));
  if ((await readFully(handle, bytesOf(prefix), 0)) < 8) refuse('it ends within its header');
  const length = Number(prefix.getBigUint64(0, true));
  if (length > size - 8) refuse(`a header of ${length} bytes in a file of ${size}`);
  if (length > LONGEST_HEADER) refuse(`a header of ${length} bytes`);
  const bytes = new Uint8Array(length);
  if ((await readFully(handle, bytes, 8)) < length) refuse('it ends within its header');
  const { [metadataName]: metadata = {}, ...entries } = parseHeader(bytes, refuse);
  const checked = metadataSchema.safeParse(metadata);
  const spans = Object.entries(entries).map(([name, value]) => spanOf(name, value, refuse));
  coverExactly(spans, size - 8 - length, refuse);
  return { spans, metadata: checked.data ?? refuse('its metadata is not a table of strings'), start: 8 + length };
}

type Refuse = (reason: string, cause?: unknown) => never;

function parseHeader(bytes: Uint8Array, refuse: Refuse): Record<string, unknown> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const header: unknown = JSON.parse(text);
    if (typeof header === 'object' && header !== null && !Array.isArray(header)) return { ...header };
  } catch (cause) {
    refuse('its header is not JSON', cause);
  }
  return refuse('its header is not a JSON object');
}

function spanOf(name: string, value: unknown, refuse: Refuse): Span {
  const parsed = entrySchema.safeParse(value);
  const { dtype, shape, data_offsets } = parsed.data ?? refuse(`${name}: dtype, shape or data_offsets are malformed`);
  if (!isDtype(dtype)) return refuse(`${name}: numbers of type ${dtype}`);
  const elements = elementsOf(shape) ?? refuse(`${name}: the shape [${shape}] is beyond counting`);
  const [begin, end] = data_offsets;
  const bytes = elements * arrays[dtype].BYTES_PER_ELEMENT;
  if (end - begin !== bytes) refuse(`${name}: ${dtype} of shape [${shape}] is ${bytes} bytes, not ${end - begin}`);
  return { name, dtype, shape, elements, begin, end };
}

/** The arrays must lie one behind the other, without gap or overlap, from the header to the end of the file. */
function coverExactly(spans: Span[], size: number, refuse: Refuse): void {
  let reached = 0;
  for (const { name, begin, end } of [...spans].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin < reached) refuse(`${name} overlaps the array before it`);
    if (begin > reached) refuse(`a gap of ${begin - reached} bytes before ${name}`);
    reached = end;
  }
  if (reached > size) refuse(`its arrays need ${reached} bytes, but ${size} are there`);
  if (reached < size) refuse(`${size - reached} bytes that belong to no array`);
}

function isDtype(dtype: string): dtype is SafetensorsDtype {
  return Object.hasOwn(arrays, dtype);
}
