/** @file The keys of a running service: who a key belongs to, read again when the file changes. */
import { timingSafeEqual } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { type Scope, scopes } from '../schema/session.ts';
import { hashOf, type KeyRecord, readKeys } from './keys-file.ts';

/** Who asks. */
export interface Caller {
  /** Name of the key; null where no keys are needed. */
  readonly name: string | null;
  /** All that it may do. */
  readonly scopes: readonly Scope[];
}

/** Whoever reaches a service without keys may do all. */
export const everybody: Caller = { name: null, scopes };

/** How often the file is looked at. */
const LOOK_MS = 1_000;

export class Keys {
  readonly #path: string;
  #keys: readonly KeyRecord[] = [];
  /** Of the file that the keys were read from, or of one before it; never of one after it. */
  #state = '';
  #looked = 0;
  #looking: Promise<void> | undefined;

  private constructor(path: string) {
    this.#path = path;
  }

  /** The keys of a file. @throws what `readKeys` throws */
  static async open(path: string): Promise<Keys> {
    const keys = new Keys(path);
    await keys.#read();
    return keys;
  }

  /** Whose key this is; undefined if it is nobody's. Takes as long for a near miss as for any other. */
  async callerOf(key: string): Promise<Caller | undefined> {
    await this.#look();
    const hash = Buffer.from(hashOf(key), 'hex');
    let found: KeyRecord | undefined;
    for (const record of this.#keys) {
      if (timingSafeEqual(hash, Buffer.from(record.hash, 'hex'))) found = record;
    }
    return found && { name: found.name, scopes: withLesser(found.scopes) };
  }

  /** Looks at the file now and then; whoever asks meanwhile waits. A file that cannot be read leaves no key in force. */
  #look(): Promise<void> | undefined {
    if (this.#looking === undefined && performance.now() - this.#looked >= LOOK_MS) {
      this.#looking = this.#read()
        .catch(() => {
          this.#keys = [];
          this.#state = '';
        })
        .finally(() => {
          this.#looking = undefined;
        });
    }
    return this.#looking;
  }

  /** Notes the state of the file before it is read: what changes it meanwhile changes its state for the next look. */
  async #read(): Promise<void> {
    this.#looked = performance.now();
    const state = await stateOf(this.#path);
    if (state !== '' && state === this.#state) return;
    this.#state = state;
    this.#keys = await readKeys(this.#path);
  }
}

/** Changes with every write of the file; empty where there is none. Two within a tick of the clock are of different files. */
async function stateOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found === undefined ? '' : `${found.ino} ${found.ctimeNs} ${found.size}`;
}

/** Each scope includes those before it. */
function withLesser(held: readonly Scope[]): readonly Scope[] {
  const highest = Math.max(...held.map((scope) => scopes.indexOf(scope)));
  return scopes.slice(0, highest + 1);
}
