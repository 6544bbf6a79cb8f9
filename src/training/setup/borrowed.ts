/** @file Towers that begin as what others trained: frozen behind heads, or fine-tuned. */
import { headImageTower, headTextTower, tunedTextTower } from '../../encoders/heads/towers.ts';
import type { SequencePooling } from '../../encoders/pretrained/pooling.ts';
import { describedPretrained, requireImage, requireText } from '../../encoders/pretrained/read.ts';
import { describedSentences } from '../../encoders/pretrained/sentence-model.ts';
import { headedForm, projectedForm } from '../../encoders/pretrained/stored.ts';
import {
  type PretrainedTextOptions,
  pretrainedImageTower,
  pretrainedTextTower,
} from '../../encoders/pretrained/towers.ts';
import { type StoredForm, storable } from '../../encoders/stored.ts';
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
  const head = { ...headOptions(values), vectorType: 'float32' } as const;
  return storable(tunedTextTower(tower, width, head), headedForm(encoder, tower, headTextTower(tower, width, head)));
}

/** A ViT or the image side of a CLIP, with new parameters behind it. */
export function fineTunedImages(values: Values, { pretrained }: ModelFacts, given: Pooling | undefined): Tower {
  const encoder = requireImage(describedPretrained(pretrained!.image!));
  const { image } = values;
  const { dropout } = image;
  const pooling = sequencePooling(values, given, () => poolingOf(image, encoder.tokens));
  const tower = pretrainedImageTower(encoder, { ...fineTuned(values), pooling, dropout });
  const bare = (kind: SequencePooling) => pretrainedImageTower(encoder, { pooling: kind });
  return withSeam(tower, projectedForm(encoder, bare, { side: 'image', pooling, dropout }));
}

/** A BERT or the text side of a CLIP, with new parameters behind it. */
export function fineTunedTexts(
  values: Values,
  { pretrained }: ModelFacts,
  given: Pooling | undefined,
  words: Omit<PretrainedTextOptions, 'dimension' | 'layerDropout' | 'pooling'>,
): Tower {
  const encoder = requireText(describedPretrained(pretrained!.text!));
  const { vocabulary, longest, widths, dropout = 0 } = words;
  const pooling = sequencePooling(values, given, () => poolingOf(values.text, longest));
  const tower = pretrainedTextTower(encoder, { ...words, ...fineTuned(values), pooling });
  const bare = (kind: SequencePooling) => pretrainedTextTower(encoder, { vocabulary, longest, widths, pooling: kind });
  return withSeam(tower, projectedForm(encoder, bare, { side: 'text', pooling, dropout }));
}

/** What a layer around the tower asks for, else what the options say; undefined for what the model itself does. */
function sequencePooling(
  { fineTuning }: Values,
  given: Pooling | undefined,
  ofTower: () => Pooling,
): SequencePooling | undefined {
  if (given || fineTuning.pooling === 'tower') return given ?? ofTower();
  return fineTuning.pooling === 'first' ? { kind: 'cls' } : undefined;
}

function withSeam(tower: Tower, form: StoredForm | undefined): Tower {
  return form ? storable(tower, form) : tower;
}

function fineTuned({ embedding, fineTuning }: Values) {
  const { dropout } = fineTuning;
  return {
    dimension: embedding.dimension,
    layerDropout: dropout === null ? undefined : { hidden: dropout, attention: dropout },
  };
}
