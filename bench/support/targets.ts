/** @file What a benchmark has to reach, said beside what it reached. */

export interface Reached {
  readonly what: string;
  readonly reached: number;
  readonly limit: number;
  /** Whether more is better; otherwise less is. */
  readonly more?: boolean;
  readonly unit: string;
}

/** Says each on stderr, and gives the worst as the result: a ratio above 1 says that all were reached. */
export function worstOf(
  name: string,
  all: readonly Reached[],
): { name: string; ours: number; peer: number; ratio: number; unit: string } {
  const ratios = all.map(({ what, reached, limit, more = false, unit }) => {
    const ratio = more ? reached / limit : limit / Math.max(reached, 1e-9);
    const verdict = ratio >= 1 ? 'reached' : 'MISSED';
    const bound = more ? 'at least' : 'at most';
    process.stderr.write(`${verdict}  ${what}: ${reached.toFixed(2)} ${unit} (${bound} ${limit})\n`);
    return ratio;
  });
  const worst = ratios.indexOf(Math.min(...ratios));
  const { reached, limit, unit } = all[worst];
  return { name, ours: reached, peer: limit, ratio: ratios[worst], unit };
}
