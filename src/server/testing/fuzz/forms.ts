/** @file Multipart requests: whole ones, and ones with a part, a boundary or an end that is not what it should be. */
import fc from 'fast-check';
import { mutated } from './mutate.ts';
import { type Bytes, mutatedBytes } from './pictures.ts';
import { type Asked, headersWith } from './requests.ts';
import { mostly } from './values.ts';

const BOUNDARY = 'b0undary';
const types = [
  'multipart/form-data',
  'multipart/form-data; boundary=',
  'multipart/form-data; boundary=other',
  `multipart/mixed; boundary=${BOUNDARY}`,
  `multipart/form-data; boundary="${BOUNDARY}`,
  `multipart/form-data; boundary=${'x'.repeat(300)}`,
];

interface Part {
  readonly disposition: string;
  readonly type: string | undefined;
  readonly content: Bytes;
}

const names = mostly(
  fc.constantFrom('image', 'images', 'image'),
  fc.constantFrom('request', 'a"b', '__proto__', '', 'x'.repeat(5000), '日本', 'a\r\nX: y'),
);
const files = mostly(
  fc.constantFrom('a.png', 'new 1.jpg', '日本.webp'),
  fc.constantFrom('', '../../x', 'blob', 'a"b.png', '\u0000', 'C:\\x.png', 'x'.repeat(5000)),
);
/** One thing wrong with how a form is written. */
const faults = fc.constantFrom(
  ...[
    'none',
    'none',
    'none',
    'none',
    'none',
    'line feeds',
    'no end',
    'no start',
    'cut',
    'no empty line',
    'no parts',
    'many',
  ],
);

/** A form of pictures with the part `request`. */
export function forms(
  pictures: fc.Arbitrary<Bytes>,
  path: fc.Arbitrary<string>,
  request: fc.Arbitrary<unknown>,
): fc.Arbitrary<Asked> {
  const file: fc.Arbitrary<Part> = fc
    .tuple(names, files, pictures, fc.constantFrom('image/png', 'text/html', 'image/svg+xml', undefined))
    .map(([name, filename, content, type]) => ({
      disposition: `form-data; name="${name}"; filename="${filename}"`,
      type,
      content,
    }));
  const told: fc.Arbitrary<Part> = request
    .chain((value) => mutated(value, 30))
    .map((value) => ({
      disposition: 'form-data; name="request"',
      type: undefined,
      content: Uint8Array.from(Buffer.from(JSON.stringify(value))),
    }));
  const odd: fc.Arbitrary<Part> = fc
    .constantFrom('form-data', 'form-data; name=image', 'attachment; name="image"', "form-data; name*=utf-8''%ff", '')
    .map((disposition) => ({ disposition, type: undefined, content: Uint8Array.of(1, 2, 3) }));
  const parts = fc
    .tuple(fc.array(mostly(file, odd), { maxLength: 3 }), fc.option(told, { nil: undefined }))
    .map(([all, first]) => (first === undefined ? all : [first, ...all]));
  const body = fc
    .tuple(parts, faults)
    .map(([all, fault]) => written(all, fault))
    .chain((bytes) => mostly(fc.constant(bytes), mutatedBytes(bytes)));
  return fc.record({
    method: fc.constant('POST'),
    path,
    headers: headersWith(`multipart/form-data; boundary=${BOUNDARY}`, types),
    body,
  });
}

function written(parts: readonly Part[], fault: string): Bytes {
  const line = fault === 'line feeds' ? '\n' : '\r\n';
  const all = fault === 'no parts' ? [] : fault === 'many' ? Array.from({ length: 250 }, () => parts).flat() : parts;
  const pieces = all.flatMap(({ disposition, type, content }, i) => [
    Buffer.from(
      `${fault === 'no start' && i === 0 ? '' : `--${BOUNDARY}${line}`}Content-Disposition: ${disposition}${line}` +
        `${type === undefined ? '' : `Content-Type: ${type}${line}`}${fault === 'no empty line' ? '' : line}`,
    ),
    Buffer.from(content),
    Buffer.from(line),
  ]);
  const whole = Buffer.concat([...pieces, Buffer.from(fault === 'no end' ? '' : `--${BOUNDARY}--${line}`)]);
  return Uint8Array.from(fault === 'cut' ? whole.subarray(0, whole.length >> 1) : whole);
}
