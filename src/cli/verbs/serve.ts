/** @file `serve`: an index as a web service with pages to search in. */
import { serveSchema } from '../../config/server-options.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  schema: serveSchema,
  words: [
    { name: 'bundle', help: 'bundle whose model answers' },
    { name: 'indexes', help: 'folders of indexes', many: true },
  ],
  saves: true,
  async run({ words: [bundle, ...indexes], values, print, progress, signal }) {
    const { serveUntil } = await import('../serving.ts');
    return serveUntil(signal, { bundles: [bundle], indexes }, values, { print, note: (line) => progress.note(line) });
  },
});
