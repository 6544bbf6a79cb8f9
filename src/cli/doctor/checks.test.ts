import { expect, test } from 'vitest';
import { extensionsIn, sizeText } from '../machine.ts';
import { diagnose, missingLibrary, nodeCheck } from './checks.ts';

test('the version of Node is compared by its parts', () => {
  expect(['18.20.0', '20.9.0', '20.19.0', '22.1.0'].map((version) => nodeCheck(version).ok)).toEqual([
    false,
    false,
    true,
    true,
  ]);
  expect(nodeCheck('18.20.0').cure).toBe('Install Node 20.19 or newer.');
});

test.each([
  [
    'Error: libvips-cpp.so.8.18.7: cannot open shared object file: No such file or directory\n    at Object.func',
    'libvips-cpp.so.8.18.7 is missing',
  ],
  [
    "Error: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /a/b.node)",
    "the system's C library is older than GLIBC_2.38",
  ],
  ["Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'sharp' imported from /a/probe.js", 'it is not installed'],
  ['it was ended by SIGILL', 'the processor lacks an instruction it uses'],
  ['node:internal/x\n  throw err;\nTypeError: something else\n    at a.js:1', 'TypeError: something else'],
])('a failure to load comes down to what is missing', (failure, detail) => {
  expect(diagnose(failure).detail).toBe(detail);
  expect(diagnose(failure).cure).toMatch(/\.$/);
});

test('a library that was found is not missing', () => {
  expect(missingLibrary('loaded libvulkan.so.1\nall is well')).toBeUndefined();
});

test('vector extensions are read from /proc/cpuinfo of x64 and arm64', () => {
  expect(extensionsIn('model\t: x\nflags\t\t: fpu avx2 sse avx avx512f\nbugs\t: avx512_vnni')).toEqual([
    'avx',
    'avx2',
    'avx512f',
  ]);
  expect(extensionsIn('Features\t: fp asimd')).toEqual(['asimd']);
  expect(extensionsIn('')).toEqual([]);
});

test('sizes are short', () => {
  expect([0, 812, 3.4 * 2 ** 20, 24 * 2 ** 30].map(sizeText)).toEqual(['0 bytes', '812 bytes', '3.4 MiB', '24 GiB']);
});
