/** @file An ONNX file that looks the vector of each token up in a table, with its tokenizer and settings, for tests. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOf } from '../../../files/bytes.ts';
import { encodeModel } from '../../../graph/onnx/model.ts';
import { temporaryFolder } from '../../../testing/temporary.ts';
import { fixture } from '../../../testing/tokenizers.ts';

/** Number k of the vector of a token. */
export const tableValue = (id: number, k: number): number => Math.sin(1 + (3 * id + k) ** 2);

/** Writes the model: rows of the table by the ids of the tokens, [texts, tokens, 3]. Returns the path of the ONNX file. */
export function tableModel({ place = 'onnx', input = 'input_ids', pooling = 'mean_tokens' } = {}): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, place), { recursive: true });
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(fixture('wordpiece')));
  mkdirSync(join(folder, '1_Pooling'));
  writeFileSync(join(folder, '1_Pooling', 'config.json'), JSON.stringify({ [`pooling_mode_${pooling}`]: true }));
  const table = Float32Array.from({ length: 200 * 3 }, (_, i) => tableValue(0, i));
  const file = join(folder, place, 'model.onnx');
  const value = (name: string) => ({ name, type: 'int64' as const, dims: ['texts', 'tokens'] });
  const model = encodeModel({
    name: 'table',
    nodes: [{ op: 'Gather', inputs: ['table', input], outputs: ['last_hidden_state'] }],
    inputs: [value(input), value('attention_mask')],
    outputs: [{ name: 'last_hidden_state', type: 'float32', dims: ['texts', 'tokens', 3] }],
    initializers: [{ name: 'table', type: 'float32', dims: [200, 3], data: bytesOf(table) }],
  });
  writeFileSync(file, model);
  return file;
}
