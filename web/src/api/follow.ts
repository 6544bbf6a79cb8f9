/** @file Server-sent events, followed until they are over; the browser takes a broken stream up again by itself. */

export interface Following {
  /** Data of each event, by its name. */
  readonly on: Readonly<Record<string, (data: unknown) => void>>;
  /** Whether the stream runs; false while it is broken, and when it was refused. */
  readonly onRunning?: (running: boolean) => void;
}

/** @returns what ends it */
export function follow(path: string, { on, onRunning }: Following): () => void {
  const source = new EventSource(path);
  source.addEventListener('open', () => onRunning?.(true));
  source.addEventListener('error', () => onRunning?.(false));
  for (const [name, take] of Object.entries(on))
    source.addEventListener(name, (event) => take(JSON.parse((event as MessageEvent<string>).data)));
  return () => source.close();
}
