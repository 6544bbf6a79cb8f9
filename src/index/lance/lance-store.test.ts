import { storeContract } from '../contract.ts';
import { withLance } from '../testing/lance.ts';
import { lance } from '../testing/stores.ts';

withLance(() => {
  const module = new URL('../testing/stores.ts', import.meta.url).href;
  storeContract('lance', { kind: lance, module, exported: 'lance' });
});
