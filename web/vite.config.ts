/** @file Builds the pages to static files, and serves them with a running server behind them while they are worked on. */
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const folder = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig({
  root: folder('.'),
  plugins: [svelte({ configFile: false })],
  // No file becomes a `data:` address: the content security policy of the pages has none for scripts and styles.
  build: { outDir: folder('../dist/web'), emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { '/v1': 'http://127.0.0.1:7700' } },
});
