/** @file Towers that begin as what others trained: frozen behind heads, or fine-tuned. */
import { headImageTower, headTextTower, tunedTextTower } from '../../encoders/heads/towers.ts';
import { describedPretrained, requireImage, requireText } from '../../encoders/pretrained/read.ts';
import { describedSentences } from '../../encoders/pretrained/sentence-model.ts';
import {
  type PretrainedTextOptions,
  pretrainedImageTower,
  pretrainedTextTower,
} from '../../encoders/pretrained/towers.ts';
import type { Tower } from '../../encoders/tower.ts';
import type { TrainingValues } from '../../methods/schema.ts';
import type { Pooling } from '../../nn/pooling/pooling.ts';
import type { ModelFacts } from './model.ts';
import { poolingOf } from './pooling.ts';

type Values = Pick<TrainingValues, 'embedding' | 'image' | 'text' | 'heads' | 'fineTuning'>;

/** A head over mean and maximum of stored features. */
export function headOverFeatures(values: Values, { features }: ModelFacts): Tower {
  return headImageTower(features!, { ...headOptions(values), vectorType: 'float16' });
}

/** A head over sentence vectors. */
export function headOverSentences(values: Values, { sentences }: ModelFacts): Tower {
  const { tower, dimension } = describedSentences(sentences!);
  return headTextTower(tower, dimension, { ...headOptions(values), vectorType: 'float32' });
}

function headOptions({ embedding, heads }: Values) {
  return { hidden: heads.hidden, dropout: heads.dropout, dimension: embedding.dimension };
}

/** The same head on the sentence encoder itself, which is trained too. */
export function tunedSentences(
  values: Values,
  { sentences }: ModelFacts,
  words: Pick<PretrainedTextOptions, 'vocabulary' | 'longest' | 'widths'>,
): Tower {
  const { model, pooling } = sentences!;
  const encoder = requireText(describedPretrained(model));
  const { layerDropout } = fineTuned(values);
  const { vocabulary, longest, widths } = words;
  const tower = pretrainedTextTower(encoder, { vocabulary, longest, widths, pooling, layerDropout });
  const width = encoder.projection?.dimension ?? encoder.width;
  return tunedTextTower(tower, width, { ...headOptions(values), vectorType: 'float32' });
}

/** A ViT or the image side of a CLIP, with new parameters behind it. */
export function fineTunedImages(values: Values, { pretrained }: ModelFacts, pooling: Pooling | undefined): Tower {
  const encoder = requireImage(describedPretrained(pretrained!.image!));
  const { image } = values;
  return pretrainedImageTower(encoder, {
    ...fineTuned(values),
    pooling: pooling ?? poolingOf(image, encoder.tokens),
    dropout: image.dropout,
  });
}

/** A BERT or the text side of a CLIP, with new parameters behind it. */
export function fineTunedTexts(
  values: Values,
  { pretrained }: ModelFacts,
  words: Omit<PretrainedTextOptions, 'dimension' | 'layerDropout'>,
): Tower {
  const encoder = requireText(describedPretrained(pretrained!.text!));
  return pretrainedTextTower(encoder, { ...words, ...fineTuned(values) });
}

function fineTuned({ embedding, fineTuning }: Values) {
  const { dropout } = fineTuning;
  return {
    dimension: embedding.dimension,
    layerDropout: dropout === null ? undefined : { hidden: dropout, attention: dropout },
  };
}
