/** @file Metadata as rows of a table: what people gave first, what the index keeps for itself last or not at all. */

const last = ['width', 'height', 'path', 'source', 'sha256'];
const never = ['kind', 'captions', 'text', 'image'];

export function metadataShown(metadata: Readonly<Record<string, unknown>>): [name: string, value: string][] {
  const order = ([name]: [string, unknown]): number => last.indexOf(name);
  return Object.entries(metadata)
    .filter(([name, value]) => !never.includes(name) && value !== null && value !== undefined)
    .sort((a, b) => order(a) - order(b))
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]);
}
