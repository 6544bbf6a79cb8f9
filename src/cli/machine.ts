/** @file This machine in words: what a measured time means nothing without. */
import { readFileSync } from 'node:fs';
import os from 'node:os';

/** Vector extensions that matter to products of matrices, weakest first. */
const extensions = ['avx', 'avx2', 'fma', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'amx_tile', 'asimd', 'sve'] as const;

export interface Machine {
  readonly cpu: string;
  /** Processors this process may use. */
  readonly cores: number;
  /** Empty where the system does not tell. */
  readonly extensions: readonly string[];
  /** Bytes in all, and those a new process could have now, limits of a container heeded. */
  readonly memory: number;
  readonly available: number;
}

/** Asks the system. */
export function thisMachine(): Machine {
  const limit = process.constrainedMemory();
  const total = os.totalmem();
  return {
    cpu: os.cpus()[0]?.model.trim() || os.arch(),
    cores: os.availableParallelism(),
    extensions: extensionsIn(cpuInformation()),
    memory: limit > 0 ? Math.min(limit, total) : total,
    available: process.availableMemory(),
  };
}

/** The extensions that the text of /proc/cpuinfo names. */
export function extensionsIn(text: string): string[] {
  const flags = new Set(/^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1].trim().split(/\s+/));
  return extensions.filter((name) => flags.has(name));
}

function cpuInformation(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}

/** `2 x AMD EPYC (avx512f), 24 GiB, linux x64, node 20.20.2`. */
export function machineText({ cpu, cores, extensions, memory } = thisMachine()): string {
  const widest = extensions.findLast((name) => ['avx', 'avx2', 'avx512f', 'asimd', 'sve'].includes(name));
  const processors = `${cores} x ${cpu}${widest ? ` (${widest})` : ''}`;
  return `${processors}, ${sizeText(memory)}, ${os.platform()} ${os.arch()}, node ${process.versions.node}`;
}

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `812 bytes`, `3.4 MiB`, `24 GiB`. */
export function sizeText(bytes: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const amount = bytes / 2 ** (10 * power);
  return `${power > 0 && amount < 10 ? amount.toFixed(1) : amount.toFixed(0)} ${units[power]}`;
}
