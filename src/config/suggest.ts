/** @file "Did you mean …?": the known names nearest to one that is not known. */

/**
 * Edits between two words: insertions, deletions, replacements, swaps of neighbours
 * (optimal string alignment: D[i,j] = min(D[i-1,j]+1, D[i,j-1]+1, D[i-1,j-1]+[a_i != b_j], D[i-2,j-2]+1 if swapped)).
 */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, replaced);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    before = above;
    above = row;
  }
  return above[b.length];
}

/**
 * Up to three known names close enough to have been meant, nearest first. Case and separators do not count, and a
 * word that is the whole last part of a dotted name fits it: `layers` finds `image.layers` and `text.layers`.
 */
export function suggest(word: string, known: Iterable<string>): string[] {
  const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const wanted = plain(word);
  const scored = [...known].map((name) => {
    const parts = [name, name.slice(name.lastIndexOf('.') + 1)].map(plain);
    return { name, distance: Math.min(...parts.map((part) => editDistance(wanted, part))) };
  });
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  const near = scored.filter(({ distance }) => distance <= limit).sort((a, b) => a.distance - b.distance);
  return near.slice(0, 3).map(({ name }) => name);
}
