/** @file The server as the pages know it: requests, who is asking, and what there is to search in. */
import type { IndexDescription } from '../../../src/server/schema/indexes.ts';
import type { Scope, Session } from '../../../src/server/schema/session.ts';
import { makeClient } from './client.ts';
import { asProblem, type Problem } from './problem.ts';

let keyWanted = $state(false);
let session = $state<Session>();
let indexes = $state<readonly IndexDescription[]>();
let trouble = $state<Problem>();
let timer: ReturnType<typeof setTimeout> | undefined;

export const client = makeClient({
  refused() {
    keyWanted = true;
  },
});

/** What is known of the server; undefined parts are not known yet. */
export const server = {
  get keyWanted(): boolean {
    return keyWanted;
  },
  get session(): Session | undefined {
    return session;
  },
  get indexes(): readonly IndexDescription[] | undefined {
    return indexes;
  },
  /** Why nothing is known. */
  get trouble(): Problem | undefined {
    return trouble;
  },
  /** Whether the reader may do what a scope allows. */
  may(scope: Scope): boolean {
    return session?.scopes.includes(scope) ?? false;
  },
};

/** Milliseconds after which indexes are asked for again while their rows are being counted. */
const PERIOD = 3000;

/** Whether the counts of an index are those of its rows now; after a change they follow a little later. */
function isCounted({ rows, images, captions }: IndexDescription): boolean {
  return (images ?? 0) + (captions ?? 0) === rows;
}

/** Asks who we are and what there is. */
export async function meet(): Promise<void> {
  clearTimeout(timer);
  try {
    session = await client.json<Session>('/v1/session');
    keyWanted = session.keysNeeded && !session.scopes.includes('read');
    if (keyWanted) return;
    ({ indexes } = await client.json<{ indexes: IndexDescription[] }>('/v1/indexes'));
    trouble = undefined;
    if (!indexes!.every(isCounted)) timer = setTimeout(() => void meet(), PERIOD);
  } catch (error) {
    const problem = asProblem(error);
    if (problem.status !== 401) trouble = problem;
  }
}

/** Shows a key to the server, which keeps it in a cookie. @throws Problem where it does not know the key */
export async function showKey(key: string): Promise<void> {
  session = await client.json<Session>('/v1/session', { method: 'POST', body: { key } });
  keyWanted = false;
  await meet();
}

/** Forgets the key. */
export async function leave(): Promise<void> {
  try {
    await client.answer('/v1/session', { method: 'DELETE' });
  } catch (error) {
    trouble = asProblem(error);
    return;
  }
  session = undefined;
  indexes = undefined;
  await meet();
}

/** Asks for a key, for what needs more than the one there is. */
export function askForKey(): void {
  keyWanted = true;
}

export function dismissKey(): void {
  keyWanted = false;
}
