/** @file Processes that each run a frozen backbone, decoding included: nothing of it happens in the process that asks. */
import { isDiptychError } from '../../errors/error.ts';
import type { BackboneFile, FeatureShape, FeatureType } from './backbone.ts';
import { BackboneProcess } from './process.ts';
import type { Encoded, Picture } from './protocol.ts';

/** Jobs a process holds: one in the model, one being decoded. */
const HELD = 2;

/** Deaths after which the machine, not a picture, is to blame. */
const MOST_DEATHS = 12;

export interface PoolOptions {
  /** Processes to start; each decodes and encodes on its own. */
  readonly processes: number;
  /** Threads of ONNX Runtime in each; 1 unless given. */
  readonly threads?: number;
  /** What features come as, and are written as; float32 unless given. */
  readonly dtype?: FeatureType;
  /**
   * Path of a model from features float32 [images, regions, width] to vectors [images, dimension]: vectors are returned, as one
   * region of float32, in place of the features they are made of, one for each view, and never into a file.
   */
  readonly head?: string | undefined;
}

interface Waiting {
  readonly pictures: readonly Picture[];
  readonly destination: string | undefined;
  /** How often a process died holding this one picture and no other; undefined until it is suspected. */
  readonly deaths: number | undefined;
  readonly resolve: (results: Encoded[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Encodes pictures in processes of its own. A picture that cannot be decoded is refused, the others go on; a picture that
 * brings its process down (a crash in a native library, memory) is found by trying those it held one by one.
 */
export class BackbonePool {
  readonly shape: FeatureShape;
  readonly #start: () => Promise<BackboneProcess>;
  readonly #processes: Set<BackboneProcess>;
  /** Processes that hold a suspect, and nothing else until it is done. */
  readonly #reserved = new Set<BackboneProcess>();
  readonly #waiting: Waiting[] = [];
  /** Successors of dead processes that are still loading. */
  readonly #replacing = new Set<Promise<void>>();
  #deaths = 0;
  #closed = false;

  private constructor(processes: readonly BackboneProcess[], start: () => Promise<BackboneProcess>) {
    this.#processes = new Set(processes);
    this.#start = start;
    this.shape = processes[0].shape;
  }

  /**
   * Starts the processes and loads the backbone in each.
   *
   * @throws what `Backbone.load` and `Head.load` throw; DIPTYCH_BACKBONE_DIED
   */
  static async open(file: BackboneFile, options: PoolOptions): Promise<BackbonePool> {
    const { processes, threads = 1, dtype = 'float32', head } = options;
    const start = (): Promise<BackboneProcess> => BackboneProcess.start({ file, threads, dtype, head });
    const started = await Promise.allSettled(Array.from({ length: processes }, start));
    const running = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failed = started.find((result) => result.status === 'rejected');
    if (failed === undefined) return new BackbonePool(running, start);
    await Promise.all(running.map((process) => process.stop()));
    throw failed.reason;
  }

  /**
   * Encodes pictures; they are decoded side by side, so a handful at a time is fastest.
   *
   * @param destination file that takes the features at the positions of the pictures; they are returned unless given
   * @returns one result for each picture, in order
   * @throws DIPTYCH_BACKBONE_FAILED, DIPTYCH_BACKBONE_DIED, DIPTYCH_FILE_UNWRITABLE
   */
  encode(pictures: readonly Picture[], destination?: string): Promise<Encoded[]> {
    return this.#enter(pictures, destination, undefined);
  }

  /** How many jobs it can have at once without any waiting. */
  get capacity(): number {
    return HELD * Math.max(1, this.#processes.size);
  }

  /** Ends the processes. Jobs that are not done are rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#rejectWaiting();
    await Promise.all(this.#replacing);
    await Promise.all([...this.#processes].map((process) => process.stop()));
  }

  #enter(pictures: readonly Picture[], destination: string | undefined, deaths?: number): Promise<Encoded[]> {
    return new Promise((resolve, reject) => {
      const job = { pictures, destination, deaths, resolve, reject };
      // Suspects go first: whoever asked for them is waiting for nothing else.
      if (deaths === undefined) this.#waiting.push(job);
      else this.#waiting.unshift(job);
      this.#dispatch();
    });
  }

  #dispatch(): void {
    if (this.#closed) this.#rejectWaiting();
    while (this.#waiting.length > 0) {
      const alone = this.#waiting[0].deaths !== undefined;
      const process = this.#leastBusy();
      if (process === undefined || process.held >= (alone ? 1 : HELD)) return;
      if (alone) this.#reserved.add(process);
      void this.#hand(process, this.#waiting.shift() as Waiting);
    }
  }

  #leastBusy(): BackboneProcess | undefined {
    const free = [...this.#processes].filter((process) => !this.#reserved.has(process));
    return free.sort((a, b) => a.held - b.held)[0];
  }

  async #hand(process: BackboneProcess, job: Waiting): Promise<void> {
    try {
      job.resolve(await process.encode(job.pictures, job.destination));
    } catch (error) {
      if (isDiptychError(error, 'DIPTYCH_BACKBONE_DIED') && !this.#closed) this.#afterDeath(process, job, error);
      else job.reject(error);
    }
    this.#reserved.delete(process);
    this.#dispatch();
  }

  #afterDeath(process: BackboneProcess, job: Waiting, error: unknown): void {
    if (this.#processes.delete(process)) {
      this.#deaths++;
      const replacing: Promise<void> = this.#replace().finally(() => this.#replacing.delete(replacing));
      this.#replacing.add(replacing);
    }
    const deaths = job.deaths === undefined ? 0 : job.deaths + 1;
    if (this.#deaths > MOST_DEATHS) job.reject(error);
    else if (deaths > 1) job.resolve([{ refused: 'the process that decoded it ended, twice' }]);
    else {
      const again = job.pictures.map((picture) => this.#enter([picture], job.destination, deaths));
      Promise.all(again).then((results) => job.resolve(results.flat()), job.reject);
    }
  }

  async #replace(): Promise<void> {
    try {
      const process = await this.#start();
      this.#processes.add(process);
      this.#dispatch();
    } catch (error) {
      if (this.#processes.size === 0) this.#rejectWaiting(error);
    }
  }

  #rejectWaiting(error: unknown = new Error('the pool is closed')): void {
    for (const job of this.#waiting.splice(0)) job.reject(error);
  }
}
