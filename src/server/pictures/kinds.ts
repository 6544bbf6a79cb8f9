/** @file Kinds of picture files, told by their first bytes: names and claimed types are not believed. */

interface Kind {
  readonly ending: string;
  readonly type: string;
  readonly begins: (head: Uint8Array) => boolean;
}

const text = (head: Uint8Array, start: number, end: number): string =>
  String.fromCharCode(...head.subarray(start, end));
const bytes = (head: Uint8Array, ...expected: readonly number[]): boolean =>
  expected.every((byte, i) => head[i] === byte);

/** Pictures that browsers show and the decoder reads. SVG is not among them: it can hold scripts and addresses. */
const kinds: readonly Kind[] = [
  { ending: 'jpg', type: 'image/jpeg', begins: (head) => bytes(head, 0xff, 0xd8, 0xff) },
  { ending: 'png', type: 'image/png', begins: (head) => bytes(head, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a) },
  { ending: 'gif', type: 'image/gif', begins: (head) => /^GIF8[79]a$/.test(text(head, 0, 6)) },
  { ending: 'webp', type: 'image/webp', begins: (head) => text(head, 0, 4) === 'RIFF' && text(head, 8, 12) === 'WEBP' },
  { ending: 'avif', type: 'image/avif', begins: (head) => /^ftypavi[fs]$/.test(text(head, 4, 12)) },
  { ending: 'tif', type: 'image/tiff', begins: (head) => ['II*\0', 'MM\0*'].includes(text(head, 0, 4)) },
];

/** How many first bytes tell the kind. */
export const HEAD_BYTES = 16;

/** Ending of the files of a kind; undefined if it is none of those taken. */
export function endingOf(head: Uint8Array): string | undefined {
  return kinds.find(({ begins }) => begins(head))?.ending;
}

/** Media type by which a picture is sent; undefined if it is none of those shown. */
export function typeOf(head: Uint8Array): string | undefined {
  return kinds.find(({ begins }) => begins(head))?.type;
}
