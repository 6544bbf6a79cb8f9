/** @file The reader's own pictures, kept in this browser under a key made of their bytes, so that addresses can name them. */

const NAME = 'diptych';
const STORE = 'pictures';
/** Pictures kept at most; the oldest make way. */
const MOST = 40;

interface Row {
  readonly key: string;
  readonly picture: Blob;
  /** When it was kept. */
  readonly at: number;
}

const held = new Map<string, Blob>();

/** Larger pictures are made smaller before they are sent: a model looks at a few hundred pixels. */
const LONGEST = 1600;
const LARGE = 3_000_000;

/** Keeps a picture. @returns its key @throws where the browser cannot read a large one, and it would be too large to send */
export async function keepPicture(file: Blob): Promise<string> {
  const picture = file.size > LARGE ? await smaller(file) : file;
  const key = await keyOf(picture);
  held.set(key, picture);
  await withStore('readwrite', (store) => store.put({ key, picture, at: Date.now() } satisfies Row, key));
  await forgetOldest();
  return key;
}

/** A kept picture; undefined where this browser never had it, or has let go of it. */
export async function keptPicture(key: string): Promise<Blob | undefined> {
  const found = held.get(key);
  if (found !== undefined) return found;
  const row: Row | undefined = await withStore('readonly', (store) => store.get(key));
  const picture = row?.picture;
  if (picture !== undefined) held.set(key, picture);
  return picture;
}

/** The first half of the SHA-256 of the bytes; where the page has no such means (no TLS), of a simple sum. */
async function keyOf(picture: Blob): Promise<string> {
  const bytes = new Uint8Array(await picture.arrayBuffer());
  if (crypto.subtle !== undefined) {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
  let [a, b] = [0x811c9dc5, bytes.length];
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193) >>> 0;
    b = (Math.imul(b, 31) + byte) >>> 0;
  }
  return a.toString(16).padStart(8, '0') + b.toString(16).padStart(8, '0');
}

async function smaller(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext('2d')!.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob === null ? reject(new Error('no picture')) : resolve(blob)), 'image/jpeg', 0.92),
  );
}

async function forgetOldest(): Promise<void> {
  const rows: Row[] | undefined = await withStore('readonly', (store) => store.getAll());
  const oldest = (rows ?? []).sort((a, b) => b.at - a.at).slice(MOST);
  for (const { key } of oldest) await withStore('readwrite', (store) => store.delete(key));
}

/** Does one thing with the store; where the browser keeps nothing, pictures last as long as the page. */
async function withStore<T>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T | undefined> {
  try {
    const base = await done(indexedDB.open(NAME, 1), (request) => request.result.createObjectStore(STORE));
    try {
      return await done(act(base.transaction(STORE, mode).objectStore(STORE)));
    } finally {
      base.close();
    }
  } catch {
    return undefined;
  }
}

function done<T>(request: IDBRequest<T>, upgrade?: (request: IDBOpenDBRequest) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    if (upgrade)
      (request as unknown as IDBOpenDBRequest).onupgradeneeded = () => upgrade(request as unknown as IDBOpenDBRequest);
  });
}
