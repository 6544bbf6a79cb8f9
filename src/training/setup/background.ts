/**
 * @file What takes longer than a moment and is not ONNX Runtime's: first values, programs and ranks, made in a thread of its own,
 * so that whoever draws progress or answers requests keeps its event loop.
 */

import type { RetrievalMetrics } from '../../evaluation/metrics.ts';
import type { Relation } from '../../evaluation/relation.ts';
import type { Embeddings } from '../../evaluation/scores.ts';
import type { Program } from '../../graph/compile.ts';
import { workerEntry } from '../../system/entry.ts';
import { Thread } from '../../system/thread.ts';
import type { NamedTensors } from '../engine.ts';
import type { SideName } from '../program/encode.ts';
import type { ClusterRequest, Clusters } from '../rounds/cluster.ts';
import type { Blueprint } from './blueprint.ts';

export type BackgroundRequest =
  | { readonly kind: 'state'; readonly given: NamedTensors }
  | { readonly kind: 'step'; readonly stage: string }
  | { readonly kind: 'encoder' | 'stored'; readonly side: SideName }
  | { readonly kind: 'cluster'; readonly request: ClusterRequest }
  | { readonly kind: 'evaluate'; readonly embeddings: Embeddings; readonly relation: Relation; readonly split: string };

export class Background {
  readonly #thread: Thread<BackgroundRequest>;

  constructor(blueprint: Blueprint) {
    this.#thread = new Thread(workerEntry(import.meta.url, './background-worker'), blueprint);
  }

  /** First values of the whole state: those given, and those that follow from the seed. */
  initialState(given: NamedTensors): Promise<NamedTensors> {
    return this.#thread.ask({ kind: 'state', given });
  }

  /** The training step of a stage. */
  stepProgram(stage: string): Promise<Program> {
    return this.#thread.ask({ kind: 'step', stage });
  }

  /** From a batch of one side to unit vectors. */
  encoderProgram(side: SideName): Promise<Program> {
    return this.#thread.ask({ kind: 'encoder', side });
  }

  /** From a batch of one side to vectors of the part of its tower that stands still. */
  storedProgram(side: SideName): Promise<Program> {
    return this.#thread.ask({ kind: 'stored', side });
  }

  /** Clusters of a training set. The vectors are copied: a teacher may be made of them. */
  cluster(request: ClusterRequest): Promise<Clusters> {
    return this.#thread.ask({ kind: 'cluster', request });
  }

  /** Recalls and ranks of a whole split as one gallery, ties against the model. The embeddings are handed over. */
  evaluate(embeddings: Embeddings, relation: Relation, split: string): Promise<RetrievalMetrics> {
    const transfer = [embeddings.images, embeddings.captions].map(({ buffer }) => buffer as ArrayBuffer);
    return this.#thread.ask({ kind: 'evaluate', embeddings, relation, split }, transfer);
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
