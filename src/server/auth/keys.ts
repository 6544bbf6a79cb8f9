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
  #keys: readonly KeyRecord[];
  #changed: number;
  #looked = performance.now();

  private constructor(path: string, keys: readonly KeyRecord[], changed: number) {
    this.#path = path;
    this.#keys = keys;
    this.#changed = changed;
  }

  /** @throws what `readKeys` throws */
  static async open(path: string): Promise<Keys> {
    return new Keys(path, await readKeys(path), (await stat(path)).mtimeMs);
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

  /** A file that cannot be read leaves no key in force. */
  async #look(): Promise<void> {
    if (performance.now() - this.#looked < LOOK_MS) return;
    this.#looked = performance.now();
    const changed = (await stat(this.#path).catch(() => undefined))?.mtimeMs ?? 0;
    if (changed === this.#changed) return;
    this.#changed = changed;
    this.#keys = await readKeys(this.#path).catch(() => []);
  }
}

/** Each scope includes those before it. */
function withLesser(held: readonly Scope[]): readonly Scope[] {
  const highest = Math.max(...held.map((scope) => scopes.indexOf(scope)));
  return scopes.slice(0, highest + 1);
}
