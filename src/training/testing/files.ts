/** @file Comparing what two runs left on disk. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every file under a folder by its relative path, as bytes in hexadecimal. */
export function contentsOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path).toString('hex')]),
  );
}

/** What must be equal in equal runs: all checkpoints, and the metrics line by line. */
export function traceOf(run: string): { checkpoints: Record<string, string>; metrics: string[] } {
  return {
    checkpoints: contentsOf(join(run, 'checkpoints')),
    metrics: readFileSync(join(run, 'metrics.jsonl'), 'utf8').split('\n'),
  };
}
