/** @file The engine that computes steps with compiled graphs: the state stays in the runtime's thread. */
import type { Program } from '../../graph/compile.ts';
import type { Runtime } from '../../graph/runtime/runtime.ts';
import type { Engine, NamedTensors } from '../engine.ts';

export class GraphEngine implements Engine {
  readonly #runtime: Runtime;
  readonly #programFor: (step: number) => Program;

  /** @param programFor the program of a step: stages have their own; equal names are one program */
  constructor(runtime: Runtime, programFor: (step: number) => Program) {
    this.#runtime = runtime;
    this.#programFor = programFor;
  }

  async step(feeds: NamedTensors): Promise<Record<string, number>> {
    const program = this.#programFor(feeds.get('step')!.data[0]);
    await this.#runtime.load(program);
    const outputs = await this.#runtime.run(program.name, feeds);
    return Object.fromEntries([...outputs].map(([path, { data }]) => [path, data[0]]));
  }

  snapshot(): Promise<NamedTensors> {
    return this.#runtime.getState();
  }

  restore(state: NamedTensors): Promise<void> {
    return this.#runtime.setState(state);
  }

  close(): Promise<void> {
    return this.#runtime.close();
  }
}
