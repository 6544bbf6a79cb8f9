import { storeContract } from '../contract.ts';
import { flat, flatFromDisk, flatInPieces } from '../testing/stores.ts';

const module = new URL('../testing/stores.ts', import.meta.url).href;
for (const [exported, kind] of Object.entries({ flat, flatInPieces, flatFromDisk })) {
  storeContract(exported, { kind, module, exported });
}
