/** @file ViT (Dosovitskiy et al. 2020): patches behind a class token, pre-norm layers, a last norm. */
import { z } from 'zod';
import type { Preprocessing } from '../../data/images/preprocessing.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { layerNorm, type Norm } from '../../nn/norm.ts';
import type { ClassPatchEmbedding } from '../../nn/patches.ts';
import {
  activation,
  epsilon,
  headsDivideWidth,
  layerCount,
  layerOptionsOf,
  layerSizesOf,
  patchDividesImage,
  patchesOf,
  share,
  size,
} from './config.ts';
import { type PretrainedImageEncoder, poolerOf, poolerRows } from './encoder.ts';
import type { Family, ModelParts } from './family.ts';
import { encodeLayers, type LayerNames, type Layers, layerRows } from './layers.ts';
import { embedPatches, patchRows, tokensOf } from './pixels.ts';
import type { PreprocessorDefaults } from './preprocessor.ts';
import { type Naming, normRows } from './weights.ts';

/** config.json of a ViT; what is left out is as transformers has it. */
const vitSchema = z
  .looseObject({
    model_type: z.literal('vit'),
    hidden_size: size.default(768),
    num_hidden_layers: layerCount.default(12),
    num_attention_heads: size.default(12),
    intermediate_size: size.default(3072),
    hidden_act: activation.default('gelu'),
    hidden_dropout_prob: share.default(0),
    attention_probs_dropout_prob: share.default(0),
    layer_norm_eps: epsilon.default(1e-12),
    image_size: size.default(224),
    patch_size: size.default(16),
    num_channels: z.literal(3).default(3),
    qkv_bias: z.literal(true).default(true),
    pooler_act: z.literal('tanh').default('tanh'),
  })
  .refine(...headsDivideWidth)
  .refine(...patchDividesImage);
type VitConfig = z.output<typeof vitSchema>;

/** Mean and deviation of the pictures it was trained with, where the folder says none. */
const half: PreprocessorDefaults['mean'] = [0.5, 0.5, 0.5];

const layerNames: LayerNames = {
  query: 'attention.attention.query',
  key: 'attention.attention.key',
  value: 'attention.attention.value',
  output: 'attention.output.dense',
  attentionNorm: 'layernorm_before',
  expand: 'intermediate.dense',
  contract: 'output.dense',
  hiddenNorm: 'layernorm_after',
};

/** Names of later versions of transformers, which call the parts of a layer otherwise. */
const laterNames: Naming['aliases'] = [
  [/^layers\.(\d+)\./, 'encoder.layer.$1.'],
  [/\.attention\.q_proj\./, '.attention.attention.query.'],
  [/\.attention\.k_proj\./, '.attention.attention.key.'],
  [/\.attention\.v_proj\./, '.attention.attention.value.'],
  [/\.attention\.o_proj\./, '.attention.output.dense.'],
  [/\.mlp\.fc1\./, '.intermediate.dense.'],
  [/\.mlp\.fc2\./, '.output.dense.'],
];

function namingOf(config: VitConfig): Naming {
  const { hidden_size: width } = config;
  const projection = 'embeddings.patch_embeddings.projection';
  return {
    rows: [
      ...patchRows(patchesOf(config), {
        weight: `${projection}.weight`,
        bias: `${projection}.bias`,
        classToken: { name: 'embeddings.cls_token', stored: [1, 1, width] },
        positions: { name: 'embeddings.position_embeddings', stored: [1, tokensOf(patchesOf(config)), width] },
      }),
      ...layerRows('encoder.layer.', layerNames, layerSizesOf(config)),
      ...normRows('norm', 'layernorm', width),
    ],
    optional: poolerRows(width),
    aliases: [[/^vit\./, ''], ...laterNames],
    leftOut: [/^classifier\./],
  };
}

type Parameters<L> = {
  readonly embeddings: ClassPatchEmbedding<L>;
  readonly layers: Layers<L>;
  readonly norm: Norm<L>;
};

export const vit: Family<VitConfig> = {
  schema: vitSchema,
  naming: namingOf,
  pictures: ({ image_size }) => ({ size: image_size, crop: false, filter: 'bilinear', mean: half, std: half }),
  encoders: (parts) => ({ image: imageEncoder(parts, parts.preprocessing!) }),
};

function imageEncoder(
  { folder, config, weights }: ModelParts<VitConfig>,
  preprocessing: Preprocessing,
): PretrainedImageEncoder {
  const patches = patchesOf(config);
  return {
    folder,
    parameters: weights.parameters,
    width: patches.width,
    size: patches.size,
    tokens: tokensOf(patches),
    preprocessing,
    pooling: { kind: 'cls' },
    dropout: { hidden: config.hidden_dropout_prob, attention: config.attention_probs_dropout_prob },
    hidden: (params, input, drop) => {
      const { embeddings, layers } = params as Parameters<Tensor>;
      const x = embedPatches(embeddings, input, patches.patch, preprocessing, drop);
      return encodeLayers(layers, x, { ...layerOptionsOf(config), norm: 'pre', drop, stream: 'image' });
    },
    finish: (params, rows) => layerNorm((params as Parameters<Tensor>).norm, rows, config.layer_norm_eps),
    projection: undefined,
    pooler: poolerOf(weights.optional),
  };
}
