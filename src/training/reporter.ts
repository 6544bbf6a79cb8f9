/** @file What is told of training: to the logs, and to whoever looks on. */
import type { Position } from './checkpoint/manifest.ts';
import { evaluationLine, numberText } from './logs/lines.ts';
import type { Logs } from './logs/logs.ts';
import type { Meter } from './logs/meter.ts';
import type { LogRecord } from './logs/record.ts';
import { epochDone, meansOf } from './position.ts';
import type { TrainingTask } from './task.ts';

/** Above this share of time spent waiting for data people are told. */
const MUCH_WAITING = 0.3;

export interface Reporter {
  /** Seconds of training until now. */
  seconds(): number;
  /** After a step with these metrics. */
  stepped(position: Position, metrics: Readonly<Record<string, number>>): void;
  /** Logs the means since the last time, and what they took. */
  logged(position: Position): Promise<void>;
  /** After a round has begun, with what is measured of it. */
  begun(position: Position, metrics: Readonly<Record<string, number>>): Promise<void>;
  /** After an evaluation with these scores. */
  evaluated(position: Position, scores: Readonly<Record<string, number>>): Promise<void>;
}

/** @param seconds of training until now, over all sessions */
export function reporterOf(task: TrainingTask, logs: Logs, meter: Meter, seconds: () => number): Reporter {
  const { run, sampler, schedule, progress } = task;
  const epochs = Math.ceil(run.steps / sampler.length);
  let warned = false;

  const recordOf = (kind: LogRecord['kind'], position: Position, values: LogRecord['values']): LogRecord => {
    return { kind, step: position.step, epoch: epochDone(position), values };
  };

  function warnOfWaiting(): void {
    if (warned || !meter.steady || meter.waiting <= MUCH_WAITING) return;
    warned = true;
    const share = Math.round(100 * meter.waiting);
    progress.note(
      `${share} % of the time goes into waiting for data: put features on a faster disk, or store them as float16`,
    );
  }

  return {
    seconds,

    stepped(position: Position, metrics: Readonly<Record<string, number>>): void {
      const figures = {
        epoch: `${epochDone(position) + 1}/${epochs}`,
        ...(metrics.loss !== undefined && { loss: numberText(metrics.loss) }),
        'pairs/s': Math.round(meter.pairsPerSecond),
        waiting: `${Math.round(100 * meter.waiting)} %`,
      };
      progress.update({ done: position.step, total: run.steps, unit: 'steps', figures });
      warnOfWaiting();
    },

    async logged(position: Position): Promise<void> {
      const learningRate = schedule(position.step - 1);
      await logs.write(recordOf('train', position, { learningRate, ...meansOf(position) }));
      const { pairsPerSecond, waiting } = meter;
      await logs.write(recordOf('timing', position, { seconds: seconds(), pairsPerSecond, waiting }));
    },

    async begun(position: Position, metrics: Readonly<Record<string, number>>): Promise<void> {
      const { round, ...figures } = metrics;
      await logs.write(recordOf('round', position, metrics));
      const told = Object.entries(figures).map(([name, value]) => `${name} ${numberText(value)}`);
      progress.note([`round ${round}`, ...told].join(', '));
    },

    async evaluated(position: Position, scores: Readonly<Record<string, number>>): Promise<void> {
      const record = recordOf('evaluation', position, scores);
      await logs.write(record);
      if (position.best) progress.note(evaluationLine(record, position.best));
    },
  };
}
