/** @file The engine that computes steps with compiled graphs: the state stays in the runtime's thread. */
import type { Program } from '../../graph/compile.ts';
import type { Runtime } from '../../graph/runtime/runtime.ts';
import type { Engine, NamedTensors } from '../engine.ts';

/** The programs of a run, by the number of the stage from 0. */
export interface StepPrograms {
  nameOf(stage: number): string;
  /** Asked for once for each name in a row. */
  compile(stage: number): Promise<Program>;
}

export class GraphEngine implements Engine {
  readonly #runtime: Runtime;
  readonly #programs: StepPrograms;
  /** The program that is loaded; that of an earlier stage makes way. */
  #loaded: string | undefined;

  constructor(runtime: Runtime, programs: StepPrograms) {
    this.#runtime = runtime;
    this.#programs = programs;
  }

  async step(feeds: NamedTensors): Promise<Record<string, number>> {
    const step = feeds.get('step')!.data[0];
    const starts = feeds.get('stageStarts')!.data as Int32Array;
    const name = await this.#load(starts.findLastIndex((start) => start <= step));
    const outputs = await this.#runtime.run(name, feeds);
    return Object.fromEntries([...outputs].map(([path, { data }]) => [path, data[0]]));
  }

  async #load(stage: number): Promise<string> {
    const name = this.#programs.nameOf(stage);
    if (name === this.#loaded) return name;
    if (this.#loaded !== undefined) await this.#runtime.unload(this.#loaded);
    await this.#runtime.load(await this.#programs.compile(stage));
    this.#loaded = name;
    return name;
  }

  snapshot(): Promise<NamedTensors> {
    return this.#runtime.getState();
  }

  /** One tensor after the other: copying all of a large state at once would hold up the process. */
  async restore(state: NamedTensors): Promise<void> {
    for (const entry of state) await this.#runtime.setState(new Map([entry]));
  }

  close(): Promise<void> {
    return this.#runtime.close();
  }
}
