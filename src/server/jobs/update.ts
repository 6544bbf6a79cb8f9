/** @file The work of a job: an index brought to where its folders are now, through the model that is served. */
import { setTimeout as wait } from 'node:timers/promises';
import { readDataset } from '../../data/dataset.ts';
import { isDiptychError } from '../../errors/error.ts';
import { bringUpToDate, type UpdateReport } from '../../index/build.ts';
import type { Encoder } from '../../index/encoder.ts';
import { readSettings } from '../../index/index-folder.ts';
import { datasetSource, folderSource, listSource, type Source } from '../../index/source.ts';
import type { Progress } from '../../system/progress.ts';
import type { QueryEncoder } from '../encoder.ts';
import type { ServedIndex } from '../indexes/served-index.ts';
import { uploadsFolder } from '../items/uploads.ts';

/** Pictures that are encoded and stored at once: few, so that searches by picture have their turn. */
const PARTITION = 32;
/** How often a batch is tried while the model cannot answer. */
const TRIES = 20;

export interface UpdateWork {
  readonly folder: string | null;
  readonly captions: boolean | null;
  readonly encoder: QueryEncoder;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** @returns a report for each source @throws what `bringUpToDate` and reading sources throw */
export async function updateServed(index: ServedIndex, work: UpdateWork): Promise<UpdateReport[]> {
  return index.writing(async (open) => {
    const { sources } = await readSettings(open);
    const known = sources.filter(({ place }) => place !== uploadsFolder(index.folder));
    const wanted =
      work.folder === null ? known : [known.find(({ place }) => place === work.folder) ?? folderAt(work.folder)];
    const { progress, signal, captions } = work;
    const encoder = patient(work.encoder, signal);
    const reports: UpdateReport[] = [];
    for (const { kind, place } of wanted) {
      if (signal.aborted) break;
      const options = { partition: PARTITION, progress, signal, ...(captions !== null && { captions }) };
      reports.push(await bringUpToDate(open, encoder, await openSource(kind, place), options));
    }
    return reports;
  });
}

function folderAt(place: string) {
  return { kind: 'folder', place } as const;
}

async function openSource(kind: Source['kind'], place: string): Promise<Source> {
  if (kind === 'folder') return folderSource(place);
  if (kind === 'list') return listSource(place);
  return datasetSource(place, await readDataset(place));
}

/** A model that is asked again while it restarts or has too much to do: a job can wait. */
function patient(encoder: QueryEncoder, signal: AbortSignal): Encoder {
  const ask = async <T>(task: () => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries++) {
      try {
        return await task();
      } catch (error) {
        const busy =
          isDiptychError(error, 'DIPTYCH_SERVING_UNAVAILABLE') || isDiptychError(error, 'DIPTYCH_SERVING_BUSY');
        if (!busy || tries === TRIES || signal.aborted) throw error;
        await wait(1000 * error.fields.retrySeconds, undefined, { signal }).catch(() => {});
      }
    }
  };
  const { fingerprint, dimension } = encoder;
  return {
    fingerprint,
    dimension,
    encodeImages: (files) => ask(() => encoder.encodePictures(files)),
    encodeTexts: (texts) => ask(() => encoder.encodeTexts(texts)),
    async close() {},
  };
}
