/** @file CLIP (Radford et al. 2021): two pre-norm encoders, the text one causal, and projections into a space they share. */
import { z } from 'zod';
import type { Preprocessing } from '../../data/images/preprocessing.ts';
import { add } from '../../graph/ops/elementwise.ts';
import { gather } from '../../graph/ops/indexing.ts';
import { constant } from '../../graph/ops/leaves.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Tree } from '../../graph/tree.ts';
import { linear } from '../../nn/linear.ts';
import { layerNorm, type Norm } from '../../nn/norm.ts';
import type { ParameterSpec } from '../../nn/parameters.ts';
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
import type { PretrainedEncoder, PretrainedImageEncoder, PretrainedTextEncoder } from './encoder.ts';
import type { Family, ModelParts } from './family.ts';
import { encodeLayers, type LayerNames, type Layers, layerRows } from './layers.ts';
import { embedPatches, patchRows, tokensOf } from './pixels.ts';
import { type Naming, normRows } from './weights.ts';

/** What both sides say of themselves. */
const sideSchema = z.looseObject({
  num_hidden_layers: layerCount.default(12),
  hidden_act: activation.default('quick_gelu'),
  attention_dropout: share.default(0),
  layer_norm_eps: epsilon.default(1e-5),
});

/** config.json of a CLIP; what is left out is as transformers has it. */
const clipSchema = z.looseObject({
  model_type: z.literal('clip'),
  projection_dim: size.default(512),
  text_config: sideSchema
    .extend({
      vocab_size: size.default(49408),
      hidden_size: size.default(512),
      intermediate_size: size.default(2048),
      num_attention_heads: size.default(8),
      max_position_embeddings: size.default(77),
    })
    .refine(...headsDivideWidth)
    .prefault({}),
  vision_config: sideSchema
    .extend({
      hidden_size: size.default(768),
      intermediate_size: size.default(3072),
      num_attention_heads: size.default(12),
      image_size: size.default(224),
      patch_size: size.default(32),
      num_channels: z.literal(3).default(3),
    })
    .refine(...headsDivideWidth)
    .refine(...patchDividesImage)
    .prefault({}),
});
type ClipConfig = z.output<typeof clipSchema>;
type SideConfig = ClipConfig['text_config'] | ClipConfig['vision_config'];

const layerNames: LayerNames = {
  query: 'self_attn.q_proj',
  key: 'self_attn.k_proj',
  value: 'self_attn.v_proj',
  output: 'self_attn.out_proj',
  attentionNorm: 'layer_norm1',
  expand: 'mlp.fc1',
  contract: 'mlp.fc2',
  hiddenNorm: 'layer_norm2',
};

/** Each side in a tree of its own: `text.…`, `image.…`. */
function namingOf({ text_config: text, vision_config: vision, projection_dim }: ClipConfig): Naming {
  const under = (side: string, rows: Naming['rows']) => rows.map((row) => ({ ...row, path: `${side}.${row.path}` }));
  const table = (path: string, name: string, rows: number) => ({
    path,
    shape: [rows, text.hidden_size],
    from: [`text_model.embeddings.${name}_embedding.weight`],
  });
  const projection = (name: string, width: number) => ({
    path: 'projection.weight',
    shape: [projection_dim, width],
    from: [`${name}_projection.weight`],
  });
  const patches = patchesOf(vision);
  const { width } = patches;
  return {
    rows: [
      ...under('text', [
        table('embeddings.words', 'token', text.vocab_size),
        table('embeddings.positions', 'position', text.max_position_embeddings),
        ...layerRows('text_model.encoder.layers.', layerNames, layerSizesOf(text)),
        ...normRows('norm', 'text_model.final_layer_norm', text.hidden_size),
        projection('text', text.hidden_size),
      ]),
      ...under('image', [
        ...patchRows(patches, {
          weight: 'vision_model.embeddings.patch_embedding.weight',
          classToken: { name: 'vision_model.embeddings.class_embedding', stored: [width] },
          positions: {
            name: 'vision_model.embeddings.position_embedding.weight',
            stored: [tokensOf(patches), width],
          },
        }),
        // The name is misspelt in the published weights.
        ...normRows('embeddings.norm', 'vision_model.pre_layrnorm', width),
        ...layerRows('vision_model.encoder.layers.', layerNames, layerSizesOf(vision)),
        ...normRows('norm', 'vision_model.post_layernorm', width),
        projection('visual', width),
      ]),
      { path: 'logScale', shape: [], from: ['logit_scale'] },
    ],
    aliases: [],
    leftOut: [/^(text|vision)_model\.embeddings\.position_ids$/],
  };
}

/** Parameters of either side behind its embeddings. */
type Behind<L> = {
  readonly layers: Layers<L>;
  readonly norm: Norm<L>;
  readonly projection: { readonly weight: L };
};
type TextParameters<L> = Behind<L> & { readonly embeddings: { readonly words: L; readonly positions: L } };
type ImageParameters<L> = Behind<L> & {
  readonly embeddings: Omit<ClassPatchEmbedding<L>, 'projection'> & {
    readonly projection: { readonly weight: L };
    readonly norm: Norm<L>;
  };
};

export const clip: Family<ClipConfig> = {
  schema: clipSchema,
  naming: namingOf,
  // Mean and deviation of its training pictures.
  pictures: ({ vision_config }) => ({
    size: vision_config.image_size,
    crop: true,
    filter: 'bicubic',
    mean: [0.48145466, 0.4578275, 0.40821073],
    std: [0.26862954, 0.26130258, 0.27577711],
  }),
  encoders: (parts) => ({ text: textEncoder(parts), image: imageEncoder(parts, parts.preprocessing!) }),
  temperature: ({ logScale }) => {
    const { init } = logScale as ParameterSpec;
    return init.kind === 'array' ? Math.exp(-init.data[0]) : undefined;
  },
};

function textEncoder(parts: ModelParts<ClipConfig>): PretrainedTextEncoder {
  const { text_config: text } = parts.config;
  return {
    ...sideOf(parts, 'text', text),
    vocabulary: text.vocab_size,
    positions: text.max_position_embeddings,
    // A text ends with its end mark, which alone has seen all of it.
    pooling: { kind: 'last' },
    hidden: (params, { ids, position }, drop) => {
      const { embeddings, layers } = params as TextParameters<Tensor>;
      const rows = add(gather(embeddings.words, ids.rows), gather(embeddings.positions, position));
      const x = { rows, layout: ids.layout };
      return encodeLayers(layers, x, { ...layerOptionsOf(text), norm: 'pre', causal: true, drop, stream: 'text' });
    },
  };
}

function imageEncoder(parts: ModelParts<ClipConfig>, preprocessing: Preprocessing): PretrainedImageEncoder {
  const { vision_config: vision } = parts.config;
  const patches = patchesOf(vision);
  // The published projection of patches has none.
  const bias = constant(new Float32Array(patches.width));
  return {
    ...sideOf(parts, 'image', vision),
    size: patches.size,
    tokens: tokensOf(patches),
    preprocessing,
    pooling: { kind: 'cls' },
    hidden: (params, input, drop) => {
      const { embeddings, layers } = params as ImageParameters<Tensor>;
      const biased = { ...embeddings, projection: { ...embeddings.projection, bias } };
      const { rows, layout } = embedPatches(biased, input, patches.patch, preprocessing, drop);
      const x = { rows: layerNorm(embeddings.norm, rows, vision.layer_norm_eps), layout };
      return encodeLayers(layers, x, { ...layerOptionsOf(vision), norm: 'pre', drop, stream: 'image' });
    },
  };
}

/** What both sides have: layers that drop attention weights alone; then a norm, then the projection. */
function sideOf({ folder, config, weights }: ModelParts<ClipConfig>, side: 'text' | 'image', of: SideConfig) {
  const { projection_dim: dimension } = config;
  return {
    folder,
    parameters: weights.parameters[side] as Tree<ParameterSpec>,
    width: of.hidden_size,
    dropout: { hidden: 0, attention: of.attention_dropout },
    finish: (params, rows) => layerNorm((params as Behind<Tensor>).norm, rows, of.layer_norm_eps),
    projection: { dimension, apply: (params, rows) => linear((params as Behind<Tensor>).projection, rows) },
    pooler: undefined,
  } satisfies Partial<PretrainedEncoder<unknown>>;
}
