/** @file Which progress fits where it is shown: a bar on a terminal, JSON for programs, plain lines elsewhere. */
import type { Progress } from '../../system/progress.ts';
import { clock } from './pace.ts';

/** Progress goes to stderr, so that stdout holds results alone. */
export async function chooseProgress(stream: NodeJS.WriteStream, json: boolean): Promise<Progress> {
  const write = (line: string): void => void stream.write(`${line}\n`);
  if (json) return (await import('./json.ts')).jsonProgress(write, clock);
  if (stream.isTTY) return (await import('./bar.ts')).barProgress(stream, clock);
  return (await import('./lines.ts')).lineProgress(write, clock);
}
