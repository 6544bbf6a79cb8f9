/** @file The note at the head of a run: a lab book's first lines, a name and its value in each. */
import { basename } from 'node:path';
import type { TrainingValues } from '../../methods/schema.ts';
import { counted, grouped } from '../../system/counted.ts';
import type { PartSummary, RunSummary } from './summary.ts';

/** The lines, names aligned. */
export function labNote(summary: RunSummary): string[] {
  const rows = rowsOf(summary);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

function rowsOf(summary: RunSummary): [name: string, value: string][] {
  const { folder, preset, dataset, train, val, values, facts, parameters, lengths, memory, threads } = summary;
  const { image, text, objectives } = parameters;
  const { learningRate, kind: optimiser, clipNorm, averageDecay } = values.optimiser;
  const clipped = clipNorm > 0 ? `, gradient clipped to ${clipNorm}` : '';
  const averaged = averageDecay > 0 ? `, weights averaged with decay ${averageDecay}` : '';
  return [
    ...(preset === undefined ? [] : [['preset', preset] as [string, string]]),
    ['run', folder],
    ['data', `${dataset}: ${partText(train)} to learn from, ${partText(val)} to choose by`],
    ['image tower', imageText(values, facts.features)],
    ['text tower', textText(values)],
    ['vocabulary', `${grouped(facts.vocabulary)} ids, longest caption ${facts.longest} tokens`],
    ['parameters', `${grouped(image + text + objectives)}: image ${grouped(image)}, text ${grouped(text)}`],
    ['loss', lossText(summary)],
    ['optimiser', `${optimiser}, learning rate ${learningRate}, ${values.schedule.kind}${clipped}${averaged}`],
    ['length', lengthText(values, lengths)],
    ['memory', memory.line],
    ['machine', `${values.machine.device}, ${counted(threads, 'thread')}, seed ${values.training.seed}`],
  ];
}

function partText({ splits, images, captions }: PartSummary): string {
  return `${grouped(images)} pictures with ${grouped(captions)} captions (${splits.join(', ')})`;
}

function imageText(values: TrainingValues, features: RunSummary['facts']['features']): string {
  const { image, embedding } = values;
  const { dimension } = embedding;
  if (image.kind === 'vector')
    return `mean and maximum of ${features!.regions} x ${features!.width}, ${headText(values)}`;
  if (image.kind === 'pretrained') return pretrainedText(values, 'image');
  if (features) {
    const mlp = image.mlp ? ' with perceptron' : '';
    return `grid of ${features.regions} x ${features.width} (${features.dtype})${mlp}, ${poolingText(values, 'image')}, to ${dimension}`;
  }
  const { imageSize, patchSize, layers, width } = image;
  return `pixels ${imageSize} x ${imageSize} in patches of ${patchSize}, ${counted(layers, 'layer')} of ${width}, ${poolingText(values, 'image')}, to ${dimension}`;
}

function textText(values: TrainingValues): string {
  const { text, embedding } = values;
  if (text.kind === 'vector') return `sentence vectors of ${basename(text.model!)}, ${headText(values)}`;
  if (text.kind === 'pretrained') return pretrainedText(values, 'text');
  const inner =
    text.kind === 'bigru' ? `words of ${text.wordDimension}` : `${counted(text.layers, 'layer')} of ${text.width}`;
  return `${text.kind}, ${inner}, ${poolingText(values, 'text')}, to ${embedding.dimension}`;
}

function poolingText({ relation, ...values }: TrainingValues, side: 'image' | 'text'): string {
  const related = relation.layer === side || relation.layer === 'both';
  return related ? 'fragment layer and residual pooling' : `${values[side].pooling} pooling`;
}

function headText({ heads, embedding }: TrainingValues): string {
  const through = heads.hidden > 0 ? ` through ${heads.hidden}` : '';
  return `standardised, dropout ${heads.dropout}, head${through} to ${embedding.dimension}`;
}

function pretrainedText(values: TrainingValues, side: 'image' | 'text'): string {
  const { factor, layerDecay, frozen } = values.fineTuning;
  const { model, pooling } = values[side];
  const decay = layerDecay < 1 ? `, ${layerDecay} a layer` : '';
  const still = frozen > 0 ? `, ${counted(frozen, 'stage')} frozen` : '';
  return `${basename(model!)} at ${factor} of the rate${decay}${still}, ${pooling} pooling, to ${values.embedding.dimension}`;
}

function lossText({ values: { objectives, relevance, loss }, stages }: RunSummary): string {
  const { terms, weights } = objectives;
  const weighted = (text: string, weight: number): string => (weight === 1 ? text : `${weight} x ${text}`);
  const sum = [
    ...terms.map((term, i) => weighted(term === 'vse' ? scoreLossText(loss) : term, weights[i] ?? 1)),
    ...(relevance.weight > 0 ? [weighted(`graded relevance by ${relevance.labels}`, relevance.weight)] : []),
  ];
  const later = stages.slice(1).map(({ name, from }) => `, ${name} from step ${from}`);
  return `${sum.join(' + ')}${later.join('')}`;
}

function scoreLossText({ kind, margin, temperature, learnTemperature }: TrainingValues['loss']): string {
  const detail = kind.startsWith('hinge')
    ? `margin ${margin}`
    : `temperature ${temperature}${learnTemperature ? ', learnt' : ''}`;
  return `${kind} (${detail})`;
}

function lengthText({ training }: TrainingValues, { epoch, run, evaluateEvery }: RunSummary['lengths']): string {
  const epochs = Number((run / epoch).toFixed(2));
  return (
    `${counted(run, 'step')} of ${training.batchSize} pairs; an epoch has ${grouped(epoch)}, so ${counted(epochs, 'epoch')}; ` +
    `evaluated every ${counted(evaluateEvery, 'step')}`
  );
}
