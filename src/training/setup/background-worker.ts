/** @file The thread behind `Background`. */
import { workerData } from 'node:worker_threads';
import { storedFormOf } from '../../encoders/stored.ts';
import { evaluate } from '../../evaluation/protocols.ts';
import { embeddingScores } from '../../evaluation/scores.ts';
import { type Answered, serve } from '../../system/thread.ts';
import { compileEncoder, compileStored } from '../program/encode.ts';
import { compileTrainingStep } from '../program/step.ts';
import { clusterPart } from '../rounds/cluster.ts';
import type { BackgroundRequest } from './background.ts';
import { type Blueprint, planOf } from './blueprint.ts';
import { initialState } from './initial-state.ts';

const blueprint = workerData as Blueprint;
const { training, stages, embedding, weights } = planOf(blueprint);

async function answer(request: BackgroundRequest): Promise<Answered> {
  switch (request.kind) {
    case 'state': {
      const state = initialState(training, blueprint.values.training.seed, request.given);
      return { answer: state, transfer: [...state.values()].map(({ data }) => data.buffer as ArrayBuffer) };
    }
    case 'step':
      return handedOver(compileTrainingStep(training, stages.find(({ name }) => name === request.stage)!, stages));
    case 'encoder':
      return handedOver(compileEncoder({ encoder: training.encoder, embedding }, request.side, weights));
    case 'stored':
      return handedOver(compileStored(training.encoder, request.side, storedFormOf(training.encoder[request.side])!));
    case 'cluster':
      return { answer: clusterPart(request.request) };
    case 'evaluate': {
      const { embeddings, relation, split } = request;
      const facts = { featureSource: 'training' };
      const { result } = await evaluate(embeddingScores(embeddings), relation, { split, facts, bootstrap: false });
      const { imageToText, textToImage, rsum } = result;
      return { answer: { imageToText, textToImage, rsum } };
    }
  }
}

function handedOver(program: ReturnType<typeof compileEncoder>): Answered {
  const { buffer, byteLength } = program.model;
  return { answer: program, transfer: buffer.byteLength === byteLength ? [buffer as ArrayBuffer] : [] };
}

serve(answer);
