/** @file What is looked at on a machine, with how to mend what is missing. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { entryPoint } from '../../system/entry.ts';
import { sizeText, thisMachine } from '../machine.ts';
import type { Probed } from './probe.ts';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** Whether Diptych cannot work without it. */
  readonly needed: boolean;
  readonly detail: string;
  readonly cure?: string;
}

/** All checks, in the order in which they are told. */
export async function allChecks(): Promise<Check[]> {
  const [runtime, ...others] = await Promise.all([
    runtimeChecks(),
    packageCheck('sharp', 'Pictures cannot be read without it.'),
    packageCheck('@node-rs/crc32', 'Logs for TensorBoard cannot be written without it.'),
  ]);
  return [nodeCheck(process.versions.node), ...others, ...runtime, cpuCheck(), memoryCheck()];
}

/** @param version such as 20.19.0 */
export function nodeCheck(version: string): Check {
  const [major, minor] = version.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return { name: 'node', ok, needed: true, detail: version, ...(!ok && { cure: 'Install Node 20.19 or newer.' }) };
}

async function packageCheck(name: string, use: string): Promise<Check> {
  const probe = await runProbe(name);
  if (probe.found) return { name, ok: true, needed: true, detail: probe.found.version };
  const { detail, cure } = diagnose(probe.failure);
  return { name, ok: false, needed: true, detail, cure: `${use} ${cure}` };
}

/** ONNX Runtime itself with its CPU, and the devices that a machine may have or not. */
async function runtimeChecks(): Promise<Check[]> {
  const name = 'onnxruntime-node';
  const { found, failure } = await runProbe(name);
  const cpu = found ? found.devices?.cpu : failure;
  if (!found || cpu) {
    const { detail, cure } = diagnose(cpu ?? '');
    return [{ name, ok: false, needed: true, detail, cure: `Nothing can be computed without it. ${cure}` }];
  }
  const devices = Object.entries(cures).map(([device, cure]): Check => {
    const reason = found.devices?.[device];
    if (!reason) return { name: `--device ${device}`, ok: true, needed: false, detail: 'works' };
    const library = missingLibrary(failure);
    const detail = library && device === 'webgpu' ? `${library} is missing` : diagnose(reason).detail;
    return { name: `--device ${device}`, ok: false, needed: false, detail, cure };
  });
  return [{ name, ok: true, needed: true, detail: found.version }, ...devices];
}

const cures: Readonly<Record<string, string>> = {
  webgpu:
    'Only if this machine has a GPU: install its driver with Vulkan (Debian: libvulkan1 and mesa-vulkan-drivers).',
  cuda: 'Only if this machine has an NVIDIA GPU: install its driver, CUDA 12 and cuDNN 9, then run the install script of onnxruntime-node (docs/dependencies.md).',
};

function cpuCheck(): Check {
  const { cpu, cores, extensions } = thisMachine();
  const slow = process.arch === 'x64' && extensions.length > 0 && !extensions.includes('avx2');
  return {
    name: 'processor',
    ok: !slow,
    needed: false,
    detail: `${cores} x ${cpu}${extensions.length > 0 ? `: ${extensions.join(' ')}` : ''}`,
    ...(slow && { cure: 'Without AVX2 training is several times slower; choose a newer machine if you can.' }),
  };
}

function memoryCheck(): Check {
  const { memory, available } = thisMachine();
  const small = available < 2 * 2 ** 30;
  return {
    name: 'memory',
    ok: !small,
    needed: false,
    detail: `${sizeText(available)} of ${sizeText(memory)} free`,
    ...(small && {
      cure: 'Training at the usual sizes wants 2 GiB and more: close programs, or take smaller batches.',
    }),
  };
}

interface ProbeResult {
  readonly found?: Probed;
  /** What it printed on stderr, and why it failed if it did. */
  readonly failure: string;
}

function runProbe(name: string): Promise<ProbeResult> {
  const { url, execArgv } = entryPoint(import.meta.url, './probe');
  const argv = [...execArgv, fileURLToPath(url), name];
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { timeout: 60_000 }, (error, stdout, stderr) => {
      if (!error) resolve({ found: JSON.parse(stdout) as Probed, failure: stderr });
      else resolve({ failure: stderr || (error.signal ? `it was ended by ${error.signal}` : error.message) });
    });
  });
}

/** What a failure to load comes down to, and what helps. */
export function diagnose(failure: string): { detail: string; cure: string } {
  const [, glibc] = /version [`']?(GLIBC_[\d.]+|GLIBCXX_[\d.]+)'? not found/.exec(failure) ?? [];
  if (glibc)
    return { detail: `the system's C library is older than ${glibc}`, cure: 'Use a newer release of the system.' };
  const library = missingLibrary(failure);
  if (library)
    return { detail: `${library} is missing`, cure: `Install the package of this system that holds ${library}.` };
  if (/SIGILL/.test(failure))
    return { detail: 'the processor lacks an instruction it uses', cure: 'Use a newer machine.' };
  if (/Cannot find (package|module)|ERR_MODULE_NOT_FOUND/.test(failure)) {
    return {
      detail: 'it is not installed',
      cure: 'Run `npm install`; see to it that optional dependencies are not left out.',
    };
  }
  const line = failure.split('\n').find((text) => /error/i.test(text)) ?? failure.split('\n')[0];
  return { detail: line.trim().slice(0, 200), cure: 'Run `npm install` again, on this very machine.' };
}

/** The shared library that the text of a failure says could not be opened. */
export function missingLibrary(text: string): string | undefined {
  return /([\w.+-]+\.(?:so[\w.]*|dylib|dll))[^\n]*(?:cannot open shared object|not found|no such file)/i.exec(
    text,
  )?.[1];
}
