/** @file The batch entries of CODER: which concepts the captions of an image hold, where the text query is told. */
import type { ImageRecord } from '../../data/dataset.ts';
import type { NamedTensors } from '../../graph/runtime/protocol.ts';
import { type Concepts, conceptLabels } from './vocabulary.ts';

/**
 * A function from the pairs of a batch, in the order of its rows, to the entry `labels` of `coderObjective`: the concepts that any
 * caption of the image holds, for all its captions alike (CVSE). Their place in the batch is `objectives.coder`.
 */
export function conceptFeeds(concepts: Pick<Concepts, 'words'>, images: readonly ImageRecord[]) {
  const rows = images.map(({ captions }) => captions.map(({ text }) => conceptLabels(concepts, text)).reduce(union));
  return async function feedsOf(imageNumbers: Int32Array): Promise<NamedTensors> {
    const width = concepts.words.length;
    const data = new Float32Array(imageNumbers.length * width);
    imageNumbers.forEach((image, pair) => {
      data.set(rows[image], pair * width);
    });
    return new Map([['labels', { dtype: 'float32', shape: [imageNumbers.length, width], data }]]);
  };
}

function union(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((x, i) => Math.max(x, b[i]));
}
