/** @file Server-sent events, followed until they are over, also when the server was away in between. */

/** Milliseconds after which a stream that was refused is asked for again. */
const PAUSE = 3000;

export interface Following {
  /** Data of each event, by its name. */
  readonly on: Readonly<Record<string, (data: unknown) => void>>;
  /** Whether the stream runs; false while it is broken. */
  readonly onRunning?: (running: boolean) => void;
  /** The stream begins again from its beginning: what it told before will be told again. */
  readonly onAnew?: () => void;
}

/** @returns what ends it */
export function follow(path: string, { on, onRunning, onAnew }: Following): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = (): void => {
    source = new EventSource(path);
    source.addEventListener('open', () => onRunning?.(true));
    source.addEventListener('error', () => {
      onRunning?.(false);
      // The browser takes up a stream that broke by itself, but gives up one that was refused.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(again, PAUSE);
    });
    for (const [name, take] of Object.entries(on))
      source.addEventListener(name, (event) => take(JSON.parse((event as MessageEvent<string>).data)));
  };
  const again = (): void => {
    onAnew?.();
    begin();
  };
  begin();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
