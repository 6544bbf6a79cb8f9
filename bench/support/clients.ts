/** @file Clients of a service: each sends its next request when it has the answer to the one before. */
import { Agent, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Connections that are kept open, as a browser or a program keeps them. */
export function openAgent(connections: number): Agent {
  return new Agent({ keepAlive: true, maxSockets: connections });
}

/** Sends one request. @throws where there is no answer within half a minute */
export function send(agent: Agent, url: URL, method: string, path: string, content?: unknown): Promise<Answer> {
  const body = content === undefined ? undefined : JSON.stringify(content);
  const headers =
    body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { agent, method, headers, timeout: 30_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer within 30 s')));
    sent.on('error', reject);
    sent.end(body);
  });
}

const sizes = ['tiny', 'small', 'big', 'large', 'huge'];
const colours = ['red', 'green', 'blue', 'yellow', 'purple', 'orange', 'pink', 'white', 'black', 'brown'];
const shapes = ['circle', 'square', 'triangle', 'star', 'heart', 'ring', 'cross', 'diamond', 'moon'];
const places = ['above', 'below', 'inside', 'beside', 'to the left of', 'to the right of'];

/** A text that no other number gives among a million: nothing that was encoded before helps. */
export function textOf(number: number): string {
  let rest = number;
  const pick = (words: readonly string[]): string => {
    const word = words[rest % words.length];
    rest = Math.floor(rest / words.length);
    return word;
  };
  const thing = (): string => `a ${pick(sizes)} ${pick(colours)} ${pick(shapes)}`;
  const text = `${thing()} ${pick(places)} ${thing()}`;
  return rest === 0 ? text : `${text} on a ${pick(colours)} background ${rest}`;
}

export interface Load {
  /** Milliseconds of each answer, in ascending order. */
  readonly latencies: Float64Array;
  readonly seconds: number;
}

/**
 * Runs clients for a while.
 *
 * @param one sends one request, the nth of all, and throws where the answer is not as it should be
 */
export async function runClients(
  clients: number,
  seconds: number,
  one: (number: number) => Promise<void>,
): Promise<Load> {
  const latencies: number[] = [];
  const began = performance.now();
  const end = began + seconds * 1000;
  let next = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const since = performance.now();
      await one(next++);
      latencies.push(performance.now() - since);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { latencies: Float64Array.from(latencies).sort(), seconds: (performance.now() - began) / 1000 };
}
