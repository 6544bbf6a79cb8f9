/** @file Where a text stops being JSON: the engine's own message does not always say. */

/** Place and kind of the first fault; line and column count from 1. */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  readonly reason: string;
}

/** A mark of punctuation, a string, or another scalar. */
type Token = { readonly kind: string; readonly end: number };

/** What may come next. */
type Expected = 'a value' | 'a value or ]' | 'a name or }' | 'a name' | ':' | 'the next or the end';

/** Finds the first fault of a text that `JSON.parse` refuses. */
export function faultOf(text: string): JsonFault {
  const open: string[] = [];
  let expected: Expected = 'a value';
  let position = skipSpace(text, 0);
  for (;;) {
    const token = tokenAt(text, position);
    const next: Expected | undefined = token && follow(expected, token.kind, open);
    if (token === undefined || next === undefined) break;
    position = skipSpace(text, token.end);
    expected = next;
  }
  return { ...placeOf(text, position), reason: reasonOf(text, position, expected, open) };
}

function skipSpace(text: string, position: number): number {
  while (position < text.length && ' \t\n\r'.includes(text[position])) position += 1;
  return position;
}

const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

function tokenAt(text: string, position: number): Token | undefined {
  if (position >= text.length) return undefined;
  const mark = text[position];
  if ('[]{},:'.includes(mark)) return { kind: mark, end: position + 1 };
  if (mark === '"') return stringAt(text, position);
  scalar.lastIndex = position;
  return scalar.test(text) ? { kind: 'scalar', end: scalar.lastIndex } : undefined;
}

function stringAt(text: string, position: number): Token | undefined {
  for (let i = position + 1; i < text.length; ) {
    if (text[i] === '"') return { kind: 'string', end: i + 1 };
    if (text[i] < ' ') return undefined;
    escaped.lastIndex = i;
    if (text[i] !== '\\') i += 1;
    else if (escaped.test(text)) i = escaped.lastIndex;
    else return undefined;
  }
  return undefined;
}

/** What is expected after a token, or undefined if the token itself was not. */
function follow(expected: Expected, kind: string, open: string[]): Expected | undefined {
  const value = expected === 'a value' || expected === 'a value or ]';
  const name = expected === 'a name' || expected === 'a name or }';
  const inside = open.at(-1);
  switch (kind) {
    case 'scalar':
      return value ? 'the next or the end' : undefined;
    case 'string':
      if (name) return ':';
      return value ? 'the next or the end' : undefined;
    case ':':
      return expected === ':' ? 'a value' : undefined;
    case ',':
      if (expected !== 'the next or the end' || inside === undefined) return undefined;
      return inside === '{' ? 'a name' : 'a value';
    case '[':
    case '{':
      if (!value) return undefined;
      open.push(kind);
      return kind === '[' ? 'a value or ]' : 'a name or }';
    default: {
      const [opening, empty] = kind === ']' ? ['[', 'a value or ]'] : ['{', 'a name or }'];
      if (inside !== opening || (expected !== 'the next or the end' && expected !== empty)) return undefined;
      open.pop();
      return 'the next or the end';
    }
  }
}

function reasonOf(text: string, position: number, expected: Expected, open: readonly string[]): string {
  const inner = open.at(-1) === '{' ? ', or }' : ', or ]';
  const wanted = expected !== 'the next or the end' ? expected : open.length === 0 ? 'the end' : inner;
  if (position >= text.length) return `it ends where ${wanted} was expected`;
  return `${wanted} was expected, not ${JSON.stringify(text.slice(position, position + 20))}`;
}

function placeOf(text: string, position: number): { line: number; column: number } {
  let line = 1;
  let begin = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < position; end = text.indexOf('\n', begin)) {
    line += 1;
    begin = end + 1;
  }
  return { line, column: position - begin + 1 };
}
