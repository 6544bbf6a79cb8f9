/** @file The versions that a run was made with, read from package files: nothing native is loaded. */
import { createRequire } from 'node:module';

/** What computed the numbers of a run. */
export type Versions = { readonly diptych: string; readonly node: string; readonly onnxruntime: string };

const require = createRequire(import.meta.url);

export function versions(): Versions {
  return {
    diptych: packageVersion('../../../package.json'),
    node: process.versions.node,
    onnxruntime: packageVersion('onnxruntime-node/package.json'),
  };
}

function packageVersion(path: string): string {
  return (require(path) as { version: string }).version;
}
