/**
 * @file The graph between concepts, a constant: which concepts the presence of one makes likely (CVSE).
 *
 *     P_ij = n_ij / n_i                                           P(j | i)
 *     F_ij = s^(P_ij - u) - s^(-u)                                smooths the long tail; s = 5, u = 0.02
 *     G_ij = 1[ F_ij ≥ ε ]                                        ε = 0.3, that is P_ij ≥ 0.168
 *     A_ij = share · G_ij / ( Σ_i' G_i'j + 1e-6 ) + 1[ i = j ]    share = 0.25
 *     Â    = D^(-1/2) Aᵀ D^(-1/2)      D_ii = Σ_j A_ij
 *
 * Concept i gathers from the concepts j that imply it. Forms: `binary` as above; `scaled` with F in place of G (denser); `rows`
 * with the sum over j' of G_ij', so that hubs do not share.
 */
import type { Concepts } from './vocabulary.ts';

export interface GraphOptions {
  readonly form: 'binary' | 'scaled' | 'rows';
  /** s. */
  readonly scale: number;
  /** u. */
  readonly offset: number;
  /** ε. */
  readonly threshold: number;
  readonly share: number;
}

/** CVSE's values. */
export const cvseGraph: GraphOptions = { form: 'binary', scale: 5, offset: 0.02, threshold: 0.3, share: 0.25 };

/** F of a conditional probability. */
export function confidence(probability: number, { scale, offset }: Pick<GraphOptions, 'scale' | 'offset'>): number {
  return scale ** (probability - offset) - scale ** -offset;
}

/** Â [q, q], row by row. */
export function conceptGraph(
  { counts, together }: Pick<Concepts, 'counts' | 'together'>,
  options: GraphOptions = cvseGraph,
): Float32Array {
  const { form, threshold, share } = options;
  const size = counts.length;
  const both = (i: number, j: number) => (i === j ? 0 : i > j ? together[i][j] : together[j][i]);
  const edges = square(size, (i, j) => {
    const f = confidence(both(i, j) / counts[i], options);
    return form === 'scaled' ? f : Number(f >= threshold);
  });
  const total = (line: (k: number) => number) => edges[0].reduce((sum, _, k) => sum + line(k), 1e-6);
  const totals = edges.map((_, at) => total((k) => (form === 'rows' ? edges[at][k] : edges[k][at])));
  const weighted = square(size, (i, j) => (share * edges[i][j]) / totals[form === 'rows' ? i : j] + Number(i === j));
  const degree = weighted.map((row) => row.reduce((sum, a) => sum + a, 0));
  return Float32Array.from(square(size, (i, j) => weighted[j][i] / Math.sqrt(degree[i] * degree[j])).flat());
}

function square(size: number, at: (i: number, j: number) => number): number[][] {
  return Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => at(i, j)));
}
