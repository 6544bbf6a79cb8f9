/** @file The thread in which graphs are built and measured: usearch keeps a core, or all of them, busy until it is done. */
import { serve } from '../../system/thread.ts';
import type { Place } from '../flat/place.ts';
import { GraphBench } from './bench.ts';
import type { GraphParameters } from './graph-file.ts';

export type BenchRequest =
  | { readonly kind: 'open'; readonly folder: string }
  | { readonly kind: 'limit'; readonly most: number }
  | { readonly kind: 'draw'; readonly most: number }
  | { readonly kind: 'score' | 'add'; readonly from: number; readonly to: number }
  | {
      readonly kind: 'unreached';
      readonly from: number;
      readonly to: number;
      readonly step: number;
      readonly counts: readonly number[];
    }
  | { readonly kind: 'relink'; readonly places: readonly Place[] }
  | { readonly kind: 'begin'; readonly parameters: GraphParameters }
  | { readonly kind: 'measure'; readonly candidates: number }
  | { readonly kind: 'signpost'; readonly parameters: GraphParameters; readonly block: number }
  | { readonly kind: 'save'; readonly folder: string; readonly name: string; readonly signposts: string }
  | { readonly kind: 'close' };

let bench: GraphBench | undefined;

serve(async (request: BenchRequest) => ({ answer: await answerTo(request) }));

async function answerTo(request: BenchRequest): Promise<unknown> {
  if (request.kind === 'open') {
    bench = await GraphBench.open(request.folder);
    return bench.opened();
  }
  switch (request.kind) {
    case 'limit':
      return bench!.limit(request.most);
    case 'draw':
      return bench!.draw(request.most);
    case 'score':
      return bench!.score(request.from, request.to);
    case 'add':
      return bench!.add(request.from, request.to);
    case 'begin':
      return bench!.begin(request.parameters);
    case 'unreached':
      return bench!.unreached(request.from, request.to, request.step, request.counts);
    case 'relink':
      return bench!.relink(request.places);
    case 'signpost':
      return bench!.signpost(request.parameters, request.block);
    case 'measure':
      return bench!.measure(request.candidates);
    case 'save':
      return bench!.save(request.folder, request.name, request.signposts);
    case 'close':
      return bench!.close();
  }
}
