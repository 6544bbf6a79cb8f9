/** @file The public API, name by name. What is not named here may change in any version. */

// Bundles, indexes, search.
export { type ExportOptions, exportBundle } from './bundle/export.ts';
export { type Bundle, openBundle } from './bundle/open.ts';
export { reweighing } from './bundle/reweigh.ts';
export { resolve as resolveOptions } from './config/resolve.ts';
// Data and training.
export { type Dataset, type DatasetOptions, type ImageRecord, readDataset } from './data/dataset.ts';
export { type ExtractOptions, extractFeatures } from './data/features/extract.ts';
export { readPreprocessing } from './data/images/preprocessing.ts';
// Errors.
export { DiptychError, isDiptychError } from './errors/error.ts';
export { type ErrorCode, registry as errors } from './errors/registry.ts';
// Evaluation.
export { kendall, spearman } from './evaluation/correlation.ts';
export { evaluate } from './evaluation/protocols.ts';
export { relationOf, relationOfIds } from './evaluation/relation.ts';
export type { EvaluationResult } from './evaluation/result.ts';
export { embeddingScores, matrixScores } from './evaluation/scores.ts';
// Graphs: symbolic tensors, differentiation, compilation, running.
export { compileFunction, compileStep, type Program } from './graph/compile.ts';
export { gradient } from './graph/gradient.ts';
export * as elementwise from './graph/ops/elementwise.ts';
export * as indexing from './graph/ops/indexing.ts';
export { constant, input, iota, scalar, uniform } from './graph/ops/leaves.ts';
export { linear, matmul } from './graph/ops/product.ts';
export * as reduce from './graph/ops/reduce.ts';
export * as shape from './graph/ops/shape.ts';
export type { NamedTensors, RuntimeOptions } from './graph/runtime/protocol.ts';
export { Runtime } from './graph/runtime/runtime.ts';
export type { Spec, Tensor } from './graph/tensor.ts';
export type { TensorData } from './graph/values.ts';
export { type DuplicateReport, findDuplicates } from './index/duplicates/duplicates.ts';
export type { Encoder } from './index/encoder.ts';
export { openIndex } from './index/index-folder.ts';
export { checkIndex, createIndex, indexInfo, removeFromIndex, updateIndex } from './index/manage.ts';
export { datasetSource, folderSource, listSource } from './index/source.ts';
export type { Objective, Scene, Term } from './methods/objective.ts';
export { trainingPresets } from './methods/presets.ts';
export { type TrainingValues, trainingSchema } from './methods/schema.ts';
export { searchCaptions } from './search/lexical/search.ts';
export { captionsFor, type SearchRequest, type SearchResult, search } from './search/search.ts';
// Models behind processes of their own.
export { EncoderPool } from './serving/encoder-pool.ts';
export { EncoderPools } from './serving/encoder-pools.ts';
export type { PoolOptions, PoolState, ServingEvent } from './serving/options.ts';
// Trained models looked at: recalls of one or several together, runs side by side.
export { type Comparison, compareRuns } from './trained/comparison/compare.ts';
export { writeComparison } from './trained/comparison/write.ts';
export { type EvaluatedModels, type EvaluateModelsOptions, evaluateModels } from './trained/evaluate.ts';
export type { TrainedModel } from './trained/model.ts';
export { openModel } from './trained/open.ts';
export { type StartOptions, startTraining } from './training/setup/start.ts';
export type { TrainingResult } from './training/task.ts';
