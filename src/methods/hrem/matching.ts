/**
 * @file Fragment matching: how well each image and each caption fit, from every region against every word. HREM "Adjacency and
 * edge weights across modalities".
 */
import { type Dim, multiplyDims, type Shape } from '../../graph/dims.ts';
import {
  add,
  cast,
  divide,
  greater,
  maximum,
  multiply,
  relu,
  sqrt,
  square,
  where,
} from '../../graph/ops/elementwise.ts';
import { topK } from '../../graph/ops/indexing.ts';
import { matmul } from '../../graph/ops/product.ts';
import { l2Normalize, maskedLogit, max, sum } from '../../graph/ops/reduce.ts';
import { concat, expand, reshape, split, transpose, unsqueeze } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { maskOf, mergeGroups } from '../../nn/ragged.ts';
import { atLeast, type Fragments } from './fragments.ts';

export interface MatchingOptions {
  /** `official` as the code computes it; `paper`: raw inner products, proper lengths. */
  readonly form: 'official' | 'paper';
  /** K, length of the vectors of best matches. */
  readonly best: number;
  /**
   * `read` as the code does: captions shorter than K and images with fewer regions than the widest one take padding along;
   * `masked` leaves it out. The paper form always does.
   */
  readonly padding: 'read' | 'masked';
}

/** Means and best matches in both directions. */
export interface Matching {
  /** P_IT [B, B], rows are images. */
  readonly imageToText: Tensor;
  /** P_TI [B, B], rows are captions. */
  readonly textToImage: Tensor;
  /** q_IT [B, B, K], descending; rows are images. */
  readonly bestRegions: Tensor;
  /** q_TI [B, B, K], descending; rows are captions. */
  readonly bestWords: Tensor;
}

/** Images that are compared with a group of captions at a time: what lies between fits the cache, and memory stays bounded. */
const imagesAtOnce = 32;
/** Slope of the leaky ReLU for cosines below zero. */
const slope = 0.1;
/** Least norm that is divided by. */
const least = 1e-12;

/**
 * For the n_j words t of a caption, m_j of them read, and the regions r of an image:
 *
 *     s[w,k]  = LeakyReLU_0.1( cos(t_w, r_k) )                    paper: t_w · r_k
 *     row[w]  = max_k  s[w,k] / max(‖s[:,k]‖₂, 1e-12)             paper: max_k s[w,k]
 *     col[k]  = max_w  s[w,k] / max(‖s[w,:]‖₂, 1e-12), w < n_j    paper: max_w s[w,k]
 *     P_TI = mean of row over w < n_j        q_TI = the K largest of row
 *     P_IT = mean of col                     q_IT = the K largest of col
 *
 * `read`: m_j = max(n_j, K), and every image has as many regions as the widest one, K at least. `masked`: m_j = n_j, and an
 * image has its own regions; where fewer than K are left, q ends in zeros.
 *
 * One product for each group of captions and `imagesAtOnce` images; no loop over captions. Between product and maxima lie
 * tensors of [words of the group x regions of these images] floats.
 *
 * @param regions of B images, B known
 * @param words groups of captions, B together
 */
export function matchFragments(regions: Fragments, words: readonly Fragments[], options: MatchingOptions): Matching {
  const images = regions.x.shape[0] as number;
  const seen = readRegions(regions, options);
  const blocks = inBlocks(seen, images);
  const groups = words.map((group) => {
    const read = readWords(group, options);
    const compared = blocks.map((block) => compare(read, block, options));
    const side = (part: 'row' | 'col') =>
      concat(
        compared.map((each) => each[part]),
        1,
      );
    return { row: summarise(side('row'), read, 1, options.best), col: side('col') };
  });
  const merged = (pieces: readonly Tensor[]) => mergeGroups(pieces, images);
  const col = summarise(merged(groups.map((group) => group.col)), seen, 0, options.best);
  return {
    imageToText: transpose(col.mean),
    textToImage: merged(groups.map(({ row }) => row.mean)),
    bestRegions: transpose(col.best, [1, 0, 2]),
    bestWords: merged(groups.map(({ row }) => row.best)),
  };
}

/** Fragments with the places that count. */
interface Read {
  /** [count, width, d], zero where it is not read; of unit length in the official form. */
  readonly x: Tensor;
  /** int32 [count]: places that maxima run over and whose mean is taken. */
  readonly counted: Tensor;
  /** int32 [count]: places that the K largest are taken from. */
  readonly read: Tensor;
}

function readRegions(regions: Fragments, options: MatchingOptions): Read {
  const { lengths } = regions;
  if (masks(options)) return ready(regions, lengths, lengths, options);
  const widest = cast(max(cast(lengths, 'float32'), 0, true), 'int32');
  const all = expand(atLeast(widest, options.best), lengths.shape);
  return ready(regions, all, all, options);
}

function readWords(words: Fragments, options: MatchingOptions): Read {
  const { lengths } = words;
  return ready(words, lengths, masks(options) ? lengths : atLeast(lengths, options.best), options);
}

function masks({ form, padding }: MatchingOptions): boolean {
  return form === 'paper' || padding === 'masked';
}

function ready({ x, zeroed }: Fragments, counted: Tensor, read: Tensor, { form }: MatchingOptions): Read {
  const cut = zeroed ? x : where(unsqueeze(maskOf(read, x.shape[1]), -1), x, 0);
  return { x: form === 'official' ? l2Normalize(cut) : cut, counted, read };
}

/** Images cut into blocks. */
function inBlocks({ x, counted, read }: Read, images: number): Read[] {
  const sizes = Array.from({ length: Math.ceil(images / imagesAtOnce) }, (_, i) =>
    Math.min(imagesAtOnce, images - i * imagesAtOnce),
  );
  const [xs, counts, reads] = [x, counted, read].map((tensor) => split(tensor, 0, sizes));
  return sizes.map((_, i) => ({ x: xs[i], counted: counts[i], read: reads[i] }));
}

/** Every word of some captions against every region of some images: row [captions, images, words], col [captions, images, regions]. */
function compare(words: Read, regions: Read, { form }: MatchingOptions): { row: Tensor; col: Tensor } {
  const [captions, width, d] = words.x.shape;
  const [images, count] = regions.x.shape;
  const rowsOf = (x: Tensor) => reshape(x, [-1, d]);
  const product = matmul(rowsOf(words.x), rowsOf(regions.x), { transposeB: true });
  // Two views of the same numbers, so that each reduction runs along axis 1.
  const places = multiplyDims(images, count);
  const byWord = (x: Tensor) => reshape(x, [captions, width, places]);
  const byRegion = (x: Tensor) => reshape(x, [multiplyDims(multiplyDims(captions, width), images), count]);

  const official = form === 'official';
  const s = official ? leaky(product) : product;
  const overWords = official ? divide(byWord(s), lengthOf(byWord(square(s)))) : byWord(s);
  const overRegions = official ? divide(byRegion(s), lengthOf(byRegion(square(s)))) : byRegion(s);
  const row = max(byRegion(add(overWords, lowering(regions.counted, count, [1, 1, places]))), 1);
  const col = max(add(byWord(overRegions), lowering(words.counted, width, [captions, width, 1])), 1);
  return {
    row: transpose(reshape(row, [captions, width, images]), [0, 2, 1]),
    col: reshape(col, [captions, images, count]),
  };
}

/** Ten times LeakyReLU_0.1(x), as x + 9 ReLU(x): what follows divides by a norm, so that the factor is gone again. */
function leaky(x: Tensor): Tensor {
  return add(x, multiply(relu(x), 1 / slope - 1));
}

/** Root of a sum along axis 1, which is kept; never less than 1e-12. */
function lengthOf(squares: Tensor): Tensor {
  return maximum(sqrt(sum(squares, 1, true)), least);
}

/** Added so that it cannot win: 0 where a place counts, far below zero elsewhere. */
function lowering(counted: Tensor, width: Dim, shape: Shape): Tensor {
  return reshape(where(maskOf(counted, width), 0, maskedLogit), shape);
}

/**
 * Mean and K largest along the last axis.
 *
 * @param x [captions, images, fragments]
 * @param axis 1 for words, which are those of the captions; 0 for regions, which are those of the images
 */
function summarise(x: Tensor, { counted, read }: Read, axis: 0 | 1, best: number): { mean: Tensor; best: Tensor } {
  const mask = (of: Tensor) => unsqueeze(maskOf(of, x.shape[2]), axis);
  const total = sum(where(mask(counted), x, 0), 2);
  const { values } = topK(where(mask(read), x, maskedLogit), best, 2);
  return {
    mean: divide(total, unsqueeze(cast(counted, 'float32'), axis)),
    best: where(greater(values, maskedLogit / 2), values, 0),
  };
}
