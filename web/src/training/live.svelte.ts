/** @file The logs of the runs that are looked at, as they grow. */
import type { Run, RunLogRecord } from '../../../src/server/runs/schema.ts';
import { follow } from '../api/follow.ts';
import type { Records } from './curves.ts';

export class LiveRun {
  readonly name: string;
  records = $state.raw<Records>([]);
  state = $state<Run['state']>();
  /** Whether the stream runs. */
  running = $state(true);
  readonly #end: () => void;

  constructor(name: string) {
    this.name = name;
    const forget = (): void => {
      this.records = [];
    };
    this.#end = follow(`/v1/runs/${encodeURIComponent(name)}/events`, {
      on: {
        records: (data) => {
          this.records = [...this.records, ...(data as RunLogRecord[])];
        },
        reset: forget,
        state: (data) => {
          ({ state: this.state } = data as { state: Run['state'] });
        },
      },
      onRunning: (running) => {
        this.running = running;
      },
      onAnew: forget,
    });
  }

  close(): void {
    this.#end();
  }
}

/** Streams of the runs named; those that are no longer named end. */
export class LiveRuns {
  list = $state.raw<readonly LiveRun[]>([]);

  follow(names: readonly string[]): void {
    const kept = new Map(this.list.map((run) => [run.name, run]));
    for (const run of this.list) if (!names.includes(run.name)) run.close();
    this.list = names.map((name) => kept.get(name) ?? new LiveRun(name));
  }

  close(): void {
    this.follow([]);
  }
}
