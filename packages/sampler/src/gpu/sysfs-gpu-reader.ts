import { join } from 'node:path';
import type { GpuMeasurement } from '@booner/protocol';
import type { SysfsGpu } from './find-gpus.ts';
import { readInteger, readText } from './sysfs-file.ts';

/** Reads one AMD or Intel GPU. The caller assigns the index, as it numbers all GPUs of the host. */
export type SysfsGpuReader = {
  read(index: number): Promise<GpuMeasurement>;
};

/**
 * Reads a GPU from /sys, as documented under "GPU sysfs" of the kernel's amdgpu pages, and in the
 * kernel's Documentation/ABI/testing/sysfs-driver-intel-xe-hwmon and -i915-hwmon. Files are read
 * one after another, so that a driver that blocks holds one thread. A GPU in runtime suspend is not
 * woken: its values are `null`.
 * @param nowMs monotonic clock
 */
export function createSysfsGpuReader(
  gpu: SysfsGpu,
  nowMs: () => number = () => performance.now(),
): SysfsGpuReader {
  const power = gpu.vendor === 'amd' ? () => readAmdPower(gpu) : createEnergyMeter(gpu, nowMs);
  return {
    async read(index) {
      const { vendor, name, memoryTotalBytes } = gpu;
      const asleep = (await readText(join(gpu.device, 'power/runtime_status'))) === 'suspended';
      const figures = asleep ? UNKNOWN : await readFigures(gpu, power);
      return { index, vendor, name, memoryTotalBytes, ...figures };
    },
  };
}

type Figures = Pick<GpuMeasurement, 'usageRatio' | 'memoryUsedBytes' | 'temperatureCelsius' | 'powerWatts'>;

const UNKNOWN: Figures = {
  usageRatio: null,
  memoryUsedBytes: null,
  temperatureCelsius: null,
  powerWatts: null,
};

async function readFigures(gpu: SysfsGpu, readPower: () => Promise<number | null>): Promise<Figures> {
  const amd = gpu.vendor === 'amd';
  return {
    // Intel's drivers expose frequencies and residencies here, but not utilization.
    usageRatio: amd ? asRatio(await readInteger(join(gpu.device, 'gpu_busy_percent'))) : null,
    memoryUsedBytes: amd ? notNegative(await readInteger(join(gpu.device, 'mem_info_vram_used'))) : null,
    temperatureCelsius: await readTemperature(gpu.hwmon),
    powerWatts: await readPower(),
  };
}

/**
 * temp1 is the edge of amdgpu and the package of i915; xe begins with temp2, its package.
 * Millidegrees.
 */
async function readTemperature(hwmon: string | null): Promise<number | null> {
  if (hwmon === null) return null;
  const milli =
    (await readInteger(join(hwmon, 'temp1_input'))) ?? (await readInteger(join(hwmon, 'temp2_input')));
  return milli === null ? null : milli / 1000;
}

/** Microwatts; newer GPUs have `power1_input` alone. */
async function readAmdPower({ hwmon }: SysfsGpu): Promise<number | null> {
  if (hwmon === null) return null;
  const micro =
    (await readInteger(join(hwmon, 'power1_average'))) ?? (await readInteger(join(hwmon, 'power1_input')));
  return micro === null || micro < 0 ? null : micro / 1e6;
}

/**
 * Intel counts energy in microjoules, of the card (energy1) or its package (energy2): power is the
 * mean between two reads.
 */
function createEnergyMeter({ hwmon }: SysfsGpu, nowMs: () => number): () => Promise<number | null> {
  let last: { microjoules: number; atMs: number } | null = null;
  return async () => {
    if (hwmon === null) return null;
    const microjoules =
      (await readInteger(join(hwmon, 'energy1_input'))) ?? (await readInteger(join(hwmon, 'energy2_input')));
    if (microjoules === null) return null;
    const before = last;
    last = { microjoules, atMs: nowMs() };
    if (before === null || microjoules < before.microjoules || last.atMs <= before.atMs) return null;
    return (microjoules - before.microjoules) / 1000 / (last.atMs - before.atMs);
  };
}

function asRatio(percent: number | null): number | null {
  return percent === null || percent < 0 || percent > 100 ? null : percent / 100;
}

function notNegative(value: number | null): number | null {
  return value === null || value < 0 ? null : value;
}
