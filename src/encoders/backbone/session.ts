/** @file Sessions of ONNX Runtime as the processes of backbones open and run them. */
import { dirname, resolve } from 'node:path';
import * as ort from 'onnxruntime-node';
import { DiptychError } from '../../errors/error.ts';

/**
 * A session on the CPU.
 *
 * @param path of the model, named in errors; weights may lie in files beside it
 * @throws DIPTYCH_BACKBONE_UNLOADABLE
 */
export async function createSession(path: string, model: Uint8Array, threads: number): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(model, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      extra: {
        session: {
          // Denormal numbers are a hundred times slower and mean nothing here.
          set_denormal_as_zero: '1',
          model_external_initializers_file_folder_path: dirname(resolve(path)),
        },
      },
    });
  } catch (cause) {
    throw new DiptychError('DIPTYCH_BACKBONE_UNLOADABLE', { path, reason: firstLineOf(cause) }, { cause });
  }
}

/** One run. @throws DIPTYCH_BACKBONE_FAILED */
export async function runSession(
  path: string,
  session: ort.InferenceSession,
  feeds: ort.InferenceSession.FeedsType,
  fetches: ort.InferenceSession.FetchesType,
): Promise<ort.InferenceSession.OnnxValueMapType> {
  try {
    return await session.run(feeds, fetches);
  } catch (cause) {
    throw new DiptychError('DIPTYCH_BACKBONE_FAILED', { path, reason: firstLineOf(cause) }, { cause });
  }
}

function firstLineOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split('\n')[0];
}
