/** @file From a run or a bundle to its diagnosis. */
import type { diagnosisSchema } from '../config/diagnosis-options.ts';
import type { ValuesOf } from '../config/option.ts';
import { captionsOf } from '../data/relation.ts';
import { refuseTest } from '../evaluation/guard.ts';
import { relationOf } from '../evaluation/relation.ts';
import { readLogs } from '../trained/comparison/logs.ts';
import { type Diagnosis, diagnose } from '../trained/diagnosis/diagnose.ts';
import { objectiveCurves } from '../trained/diagnosis/objectives.ts';
import { writeDiagnosis } from '../trained/diagnosis/write.ts';
import type { EmbedOptions } from '../trained/model.ts';
import { openModel } from '../trained/open.ts';
import { checkpointOf } from './checkpoint.ts';
import { imagesToEvaluate } from './evaluation-data.ts';

type Asked = ValuesOf<(typeof diagnosisSchema)['members']>;

export interface Diagnosed {
  readonly diagnosis: Diagnosis;
  /** Writes it with pictures into a folder. */
  write(folder: string): ReturnType<typeof writeDiagnosis>;
}

/** @throws DIPTYCH_EVALUATION_TEST_SELECTION, and what `openModel` and `imagesToEvaluate` throw */
export async function diagnoseModel(
  folder: string,
  { diagnosis: options, data, features, machine }: Asked,
  embedding: EmbedOptions,
): Promise<Diagnosed> {
  const { split, checkpoint, neighbours } = options;
  refuseTest(split, 'a diagnosis');
  const model = await openModel(folder, {
    checkpoint: checkpointOf(checkpoint),
    features: features.file ?? undefined,
    machine,
  });
  try {
    const images = await imagesToEvaluate({ model: folder, data, split, features: features.file !== null });
    const embeddings = await model.embed(images, embedding);
    embedding.progress.finish();
    const { training } = await readLogs(folder);
    const objectives = objectiveCurves(training);
    const relation = relationOf(images);
    const diagnosis = diagnose({ model: model.name, split, embeddings, relation, k: neighbours, objectives });
    const captions = captionsOf(images).map(({ text }) => text);
    const paths = images.map(({ path }) => path);
    return { diagnosis, write: (place) => writeDiagnosis(place, diagnosis, { captions, paths }) };
  } finally {
    await model.close();
  }
}
