/** @file BERT (Devlin et al. 2018): token, position and type vectors, then post-norm layers. */
import { z } from 'zod';
import { add } from '../../graph/ops/elementwise.ts';
import { gather } from '../../graph/ops/indexing.ts';
import { slice } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { dropout } from '../../nn/dropout.ts';
import { layerNorm, type Norm } from '../../nn/norm.ts';
import {
  activation,
  epsilon,
  headsDivideWidth,
  layerCount,
  layerOptionsOf,
  layerSizesOf,
  share,
  size,
} from './config.ts';
import { type PretrainedTextEncoder, poolerOf, poolerRows } from './encoder.ts';
import type { Family, ModelParts } from './family.ts';
import { encodeLayers, type LayerNames, type Layers, layerRows } from './layers.ts';
import { type Naming, normRows } from './weights.ts';

/** config.json of a BERT; what is left out is as transformers has it. */
const bertSchema = z
  .looseObject({
    model_type: z.literal('bert'),
    vocab_size: size.default(30522),
    hidden_size: size.default(768),
    num_hidden_layers: layerCount.default(12),
    num_attention_heads: size.default(12),
    intermediate_size: size.default(3072),
    hidden_act: activation.default('gelu'),
    hidden_dropout_prob: share.default(0.1),
    attention_probs_dropout_prob: share.default(0.1),
    max_position_embeddings: size.default(512),
    type_vocab_size: size.default(2),
    layer_norm_eps: epsilon.default(1e-12),
    position_embedding_type: z.literal('absolute').nullish(),
    is_decoder: z.literal(false).default(false),
  })
  .refine(...headsDivideWidth);
type BertConfig = z.output<typeof bertSchema>;

const layerNames: LayerNames = {
  query: 'attention.self.query',
  key: 'attention.self.key',
  value: 'attention.self.value',
  output: 'attention.output.dense',
  attentionNorm: 'attention.output.LayerNorm',
  expand: 'intermediate.dense',
  contract: 'output.dense',
  hiddenNorm: 'output.LayerNorm',
};

function namingOf(config: BertConfig): Naming {
  const { vocab_size, hidden_size: width, max_position_embeddings, type_vocab_size } = config;
  const table = (path: string, name: string, rows: number) => ({
    path: `embeddings.${path}`,
    shape: [rows, width],
    from: [`embeddings.${name}_embeddings.weight`],
  });
  return {
    rows: [
      table('words', 'word', vocab_size),
      table('positions', 'position', max_position_embeddings),
      table('types', 'token_type', type_vocab_size),
      ...normRows('embeddings.norm', 'embeddings.LayerNorm', width),
      ...layerRows('encoder.layer.', layerNames, layerSizesOf(config)),
    ],
    optional: poolerRows(width),
    aliases: [
      // Models with a task on top hold the encoder under a name; the first published weights call norms otherwise.
      [/^bert\./, ''],
      [/LayerNorm\.gamma$/, 'LayerNorm.weight'],
      [/LayerNorm\.beta$/, 'LayerNorm.bias'],
    ],
    leftOut: [/^embeddings\.position_ids$/, /^cls\./, /^classifier\./, /^qa_outputs\./],
  };
}

type Parameters<L> = {
  readonly embeddings: { readonly words: L; readonly positions: L; readonly types: L; readonly norm: Norm<L> };
  readonly layers: Layers<L>;
};

export const bert: Family<BertConfig> = {
  schema: bertSchema,
  naming: namingOf,
  encoders: (parts) => ({ text: textEncoder(parts) }),
};

function textEncoder({ folder, config, weights }: ModelParts<BertConfig>): PretrainedTextEncoder {
  return {
    folder,
    parameters: weights.parameters,
    width: config.hidden_size,
    vocabulary: config.vocab_size,
    positions: config.max_position_embeddings,
    pooling: { kind: 'mean' },
    dropout: { hidden: config.hidden_dropout_prob, attention: config.attention_probs_dropout_prob },
    hidden: (params, { ids, position }, drop) => {
      const { embeddings, layers } = params as Parameters<Tensor>;
      const { words, positions, types, norm } = embeddings;
      // A text on its own is of type 0 throughout, so that its vector can be added to the table of positions.
      const placed = gather(add(positions, slice(types, 0, 0, 1)), position);
      const x = layerNorm(norm, add(gather(words, ids.rows), placed), config.layer_norm_eps);
      const rows = dropout(x, drop && { rate: drop.hidden, key: drop.key }, 'text.embeddings');
      const options = { ...layerOptionsOf(config), norm: 'post', drop, stream: 'text' } as const;
      return encodeLayers(layers, { rows, layout: ids.layout }, options);
    },
    finish: (_, rows) => rows,
    projection: undefined,
    pooler: poolerOf(weights.optional),
  };
}
