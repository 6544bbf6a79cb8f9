/** @file The header of an npy file (versions 1, 2 and 3): a Python literal with number type, order and shape. */
import type { FileHandle } from 'node:fs/promises';
import { DiptychError } from '../errors/error.ts';
import { elementsOf, readFully } from './bytes.ts';

/** The number types read and written: little-endian, plain. */
export const npyDtypes = {
  float16: { descr: '<f2', bytes: 2, array: Uint16Array },
  float32: { descr: '<f4', bytes: 4, array: Float32Array },
  float64: { descr: '<f8', bytes: 8, array: Float64Array },
  int32: { descr: '<i4', bytes: 4, array: Int32Array },
  int64: { descr: '<i8', bytes: 8, array: BigInt64Array },
} as const;

export type NpyDtype = keyof typeof npyDtypes;

/** What an npy header says, checked against the size of the file. */
export interface NpyHeader {
  readonly dtype: NpyDtype;
  readonly shape: readonly number[];
  /** Product of the shape. */
  readonly elements: number;
  /** Where the numbers begin, in bytes. */
  readonly offset: number;
}

/** numpy itself refuses headers longer than 10,000 characters; a longer one is no array of numbers. */
const LONGEST_HEADER = 65536;

/**
 * Reads and checks the header of an open npy file of `size` bytes.
 *
 * @throws DIPTYCH_NPY_INVALID
 */
export async function headerOf(path: string, handle: FileHandle, size: number): Promise<NpyHeader> {
  const refuse = (reason: string): never => {
    throw new DiptychError('DIPTYCH_NPY_INVALID', { path, reason });
  };
  const start = new Uint8Array(12);
  const got = await readFully(handle, start, 0);
  if (got < 10 || String.fromCharCode(...start.subarray(0, 6)) !== '\x93NUMPY') refuse('it does not begin as one');
  const version = start[6];
  if (version < 1 || version > 3 || start[7] !== 0) refuse(`version ${version}.${start[7]} is unknown`);
  const view = new DataView(start.buffer);
  const lengthBytes = version === 1 ? 2 : 4;
  if (got < 8 + lengthBytes) refuse('it ends within its header');
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > LONGEST_HEADER) refuse(`a header of ${length} bytes`);
  const offset = 8 + lengthBytes + length;
  const header = new Uint8Array(length);
  if ((await readFully(handle, header, 8 + lengthBytes)) < length) refuse('it ends within its header');

  const { dtype, shape } = parseHeader(new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(header), refuse);
  const elements = elementsOf(shape) ?? refuse(`the shape (${shape}) is beyond counting`);
  const bytes = elements * npyDtypes[dtype].bytes;
  if (size - offset !== bytes) refuse(`${dtype} of shape (${shape}) is ${bytes} bytes, but ${size - offset} are there`);
  return { dtype, shape, elements, offset };
}

/** The bytes before the numbers: version 1.0, padded so that the numbers begin at a multiple of 64. */
export function encodeHeader(dtype: NpyDtype, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${npyDtypes[dtype].descr}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const total = Math.ceil((10 + text.length + 1) / 64) * 64;
  const header = Buffer.alloc(total, ' ', 'latin1');
  header.write('\x93NUMPY\x01\x00', 'latin1');
  header.writeUInt16LE(total - 10, 8);
  header.write(text, 10, 'latin1');
  header.write('\n', total - 1, 'latin1');
  return header;
}

type Refuse = (reason: string) => never;

/** Reads `{'descr': …, 'fortran_order': …, 'shape': …}`, keys in any order, and nothing else. */
function parseHeader(text: string, refuse: Refuse): { dtype: NpyDtype; shape: number[] } {
  const body = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1] ?? refuse('its header is not a Python dictionary');
  if (/:\s*\[/.test(body)) refuse('it holds records of several fields');
  const item =
    /\s*(['"])(\w+)\1\s*:\s*(?:(['"])([^'"]*)\3|(True|False)|\(((?:\s*\d+L?\s*,)*(?:\s*\d+L?)?)\s*\))\s*(?:,|$)\s*/y;
  const values = new Map<string, string>();
  while (item.lastIndex < body.length) {
    const at = item.lastIndex;
    const found = item.exec(body) ?? refuse(`its header cannot be read at "${body.slice(at, at + 40)}"`);
    const [, , key, , quoted, truth, tuple] = found;
    if (values.has(key)) refuse(`its header names ${key} twice`);
    values.set(key, quoted ?? truth ?? tuple);
  }
  const descr = values.get('descr') ?? refuse('its header has no descr');
  const order = values.get('fortran_order') ?? refuse('its header has no fortran_order');
  const sizes = values.get('shape') ?? refuse('its header has no shape');
  if (values.size > 3) refuse(`its header has further keys: ${[...values.keys()].join(', ')}`);
  if (order === 'True') refuse('Fortran order; save numpy.ascontiguousarray(array)');
  if (order !== 'False') refuse(`fortran_order is ${order}`);
  if (!/^[\s\dL,]*$/.test(sizes)) refuse(`shape is ${sizes}`);
  return { dtype: dtypeOf(descr, refuse), shape: sizes.split(',').flatMap((size) => sizeOf(size)) };
}

function sizeOf(text: string): number[] {
  const digits = text.trim().replace(/L$/, '');
  return digits === '' ? [] : [Number(digits)];
}

function dtypeOf(descr: string, refuse: Refuse): NpyDtype {
  const names = Object.keys(npyDtypes) as NpyDtype[];
  const dtype = names.find((name) => npyDtypes[name].descr === descr);
  if (dtype !== undefined) return dtype;
  if (/O/.test(descr)) return refuse('it holds Python objects, which are never read');
  if (descr.startsWith('>')) return refuse(`big-endian numbers (${descr})`);
  return refuse(`numbers of type ${descr}; ${names.join(', ')} are read`);
}
