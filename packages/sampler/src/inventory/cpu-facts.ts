import { cpus } from 'node:os';

/** The CPU part of an inventory, whatever its source. */
export type CpuFacts = {
  readonly model: string | null;
  readonly physicalCores: number | null;
  readonly logicalCores: number;
  readonly clockGigahertz: number | null;
};

/**
 * Returns the CPU's name as the kernel gives it, without its clock:
 * `Intel(R) Core(TM) i7-10700K CPU @ 3.80GHz` becomes `Intel(R) Core(TM) i7-10700K`. `null` for an
 * empty or unknown name.
 */
export function cpuModelName(modelName: string): string | null {
  const name = modelName
    .replace(/\s*(\bCPU)?\s*@.*$/, '')
    .replace(/\s+/g, ' ')
    .trim();
  return name === '' || /^unknown$/i.test(name) ? null : name.slice(0, 500);
}

/** Returns the nominal clock at the end of a name (`@ 3.80GHz`), as Intel's do. */
function clockInModelName(modelName: string): number | null {
  const gigahertz = Number(/@\s*(\d+(?:\.\d+)?)\s*GHz/i.exec(modelName)?.[1]);
  return gigahertz > 0 ? gigahertz : null;
}

/**
 * Parses /proc/cpuinfo: x86 identifies physical cores by `physical id` (the socket) and `core id`;
 * missing values are `null`. Cores with the same id in two sockets count twice.
 */
export function parseCpuInfo(text: string): CpuFacts | null {
  const blocks = text.split(/\n\s*\n/).map(parseBlock);
  const processors = blocks.filter((block) => /^\d+$/.test(block.get('processor') ?? ''));
  if (processors.length === 0) return null;
  const cores = processors.map((block) => `${block.get('physical id')}/${block.get('core id')}`);
  const modelName = processors[0]?.get('model name') ?? '';
  return {
    model: cpuModelName(modelName),
    physicalCores: cores.some((core) => core.includes('undefined')) ? null : new Set(cores).size,
    logicalCores: processors.length,
    clockGigahertz: clockInModelName(modelName) ?? fixedClock(processors[0]),
  };
}

/**
 * `cpu MHz`, to two decimals of GHz, where it does not change: without the flag `aperfmperf`, as in
 * virtual machines, the kernel (arch/x86/kernel/cpu/proc.c) prints the rate of the time stamp
 * counter, which is the nominal clock.
 */
function fixedClock(processor: ReadonlyMap<string, string> | undefined): number | null {
  const flags = processor?.get('flags')?.split(' ') ?? [];
  if (!flags.includes('hypervisor') || flags.includes('aperfmperf')) return null;
  const gigahertz = Math.round(Number(processor?.get('cpu MHz')) / 10) / 100;
  return gigahertz > 0 ? gigahertz : null;
}

function parseBlock(block: string): Map<string, string> {
  const pairs = block.split('\n').map((line): [string, string] => {
    const colon = line.indexOf(':');
    return colon < 0 ? ['', ''] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  return new Map(pairs);
}

/** Returns the CPU as Node.js sees it on any platform; `null` if it sees none. */
export function cpuFactsOfRuntime(): CpuFacts | null {
  const list = cpus();
  const modelName = list[0]?.model ?? '';
  if (list.length === 0) return null;
  return {
    model: cpuModelName(modelName),
    physicalCores: null,
    logicalCores: list.length,
    clockGigahertz: clockInModelName(modelName),
  };
}
