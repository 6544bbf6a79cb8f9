// Runs the models of a bundle with onnxruntime-node and nothing of Diptych: `node plain.mjs BUNDLE INPUTS.json`.
// INPUTS.json: { "texts": ["a red circle"], "pixels": [[…]] } or "features" in place of "pixels". Prints both embeddings.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';

const [folder, path] = process.argv.slice(2);
const read = (name) => JSON.parse(readFileSync(name, 'utf8'));
const { texts, ...arrays } = read(path);

const { words, maxLength } = read(join(folder, 'tokenizer.json'));
const idOf = new Map(words.map((word, id) => [word, id]));
const idsOf = (text) => {
  const ids = text.split(' ').map((word) => idOf.get(word) ?? idOf.get('<unk>'));
  return [idOf.get('<start>'), ...ids.slice(0, maxLength - 2), idOf.get('<end>')];
};
const ids = texts.map(idsOf);
const width = Math.max(...ids.map(({ length }) => length));
const padded = ids.flatMap((list) => [...list, ...Array(width - list.length).fill(0)]);
const text = await ort.InferenceSession.create(join(folder, 'text.onnx'));
const textResult = await text.run({
  ids: new ort.Tensor('int32', Int32Array.from(padded), [texts.length, width]),
  lengths: new ort.Tensor(
    'int32',
    Int32Array.from(ids, ({ length }) => length),
    [texts.length],
  ),
});

const [[name, images]] = Object.entries(arrays);
const image = await ort.InferenceSession.create(join(folder, 'image.onnx'));
const shape = image.inputMetadata[0].shape.slice(1);
const imageResult = await image.run({
  [name]: new ort.Tensor('float32', Float32Array.from(images.flat()), [images.length, ...shape]),
});
const rows = ({ data, dims: [count, dimension] }) =>
  Array.from({ length: count }, (_, i) => Array.from(data.subarray(i * dimension, (i + 1) * dimension)));
process.stdout.write(JSON.stringify({ texts: rows(textResult.embedding), images: rows(imageResult.embedding) }));
