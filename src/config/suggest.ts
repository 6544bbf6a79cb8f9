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
 * Up to three known names close enough to have been meant, nearest first. Case and separators do not count. The last
 * part of a dotted name counts as well as the whole (`layers` finds `image.layers` and `text.layers`), and so do its
 * initials (`lr` finds `learning-rate`).
 */
export function suggest(word: string, known: Iterable<string>): string[] {
  const wanted = plain(word);
  const limit = Math.min(3, Math.max(1, Math.floor(wanted.length / 3)));
  const scored = [...known].map((name) => {
    const last = name.slice(name.lastIndexOf('.') + 1);
    const distance = Math.min(editDistance(wanted, plain(name)), editDistance(wanted, plain(last)));
    const short = editDistance(wanted, initials(last)) <= (wanted.length > 2 ? 1 : 0);
    return { name, distance: short ? Math.min(1, distance) : distance };
  });
  const near = scored.filter(({ distance }) => distance <= limit).sort((a, b) => a.distance - b.distance);
  return near.slice(0, 3).map(({ name }) => name);
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** `learning-rate` and `learningRate` -> `lr`; of single words nothing is left. */
function initials(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+|(?=[A-Z])/).filter((part) => part !== '');
  return words.length > 1 ? words.map((part) => part[0].toLowerCase()).join('') : '\0'.repeat(9);
}
