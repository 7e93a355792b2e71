import type { TargetHistory } from './history.ts';
import type { GpuMeasurement, Measurements } from './measurements.ts';
import { rootFileSystem } from './status-texts.ts';

export type HistoryFigureName = Exclude<
  keyof TargetHistory,
  'host' | 'fromMs' | 'toMs' | 'intervalMs' | 'times' | 'coreUsageRatios'
>;

/** How many decimals of each figure are worth sending, in the order in which `writeFigures` puts them. */
const DECIMALS: Readonly<Record<HistoryFigureName, number>> = {
  cpuUsageRatio: 4,
  load1Minute: 2,
  memoryUsedBytes: 0,
  swapUsedBytes: 0,
  diskUsedBytes: 0,
  readBytesPerSecond: 0,
  writtenBytesPerSecond: 0,
  receivedBytesPerSecond: 0,
  sentBytesPerSecond: 0,
  temperatureCelsius: 1,
  gpuUsageRatio: 4,
  gpuMemoryUsedBytes: 0,
  cpuPressureRatio: 4,
  memoryPressureRatio: 4,
  ioPressureRatio: 4,
};

/** What is kept of each sample for charts. */
export const HISTORY_FIGURES = Object.entries(DECIMALS).map(([name, decimals]) => ({
  name: name as HistoryFigureName,
  decimals,
}));

/**
 * Writes the figures of a sample from `at` on; NaN for what is not known. It runs for every sample of the fleet: written out, as a
 * table of functions takes three times as long.
 */
export function writeFigures(floats: Float32Array, at: number, measurements: Measurements): void {
  const { cpu, loadAverage, memory, swap, disks, network, gpus, pressure } = measurements;
  floats[at] = cpu === null ? Number.NaN : cpu.usageRatio;
  floats[at + 1] = loadAverage === null ? Number.NaN : loadAverage.last1Minute;
  floats[at + 2] = memory === null ? Number.NaN : memory.usedBytes;
  floats[at + 3] = swap === null ? Number.NaN : swap.usedBytes;
  floats[at + 4] = rootFileSystem(measurements)?.usedBytes ?? Number.NaN;
  floats[at + 5] = disks === null ? Number.NaN : disks.readBytesPerSecond;
  floats[at + 6] = disks === null ? Number.NaN : disks.writtenBytesPerSecond;
  floats[at + 7] = network === null ? Number.NaN : network.receivedBytesPerSecond;
  floats[at + 8] = network === null ? Number.NaN : network.sentBytesPerSecond;
  floats[at + 9] = hottest(measurements.temperatures);
  floats[at + 10] = busiest(gpus);
  floats[at + 11] = memoryOf(gpus);
  floats[at + 12] = pressure === null ? Number.NaN : pressure.cpu.some.avg10Ratio;
  floats[at + 13] = pressure === null ? Number.NaN : pressure.memory.some.avg10Ratio;
  floats[at + 14] = pressure === null ? Number.NaN : pressure.io.some.avg10Ratio;
}

function hottest(temperatures: Measurements['temperatures']): number {
  let highest = Number.NaN;
  if (temperatures === null) return highest;
  for (const { temperatureCelsius } of temperatures) {
    if (!(temperatureCelsius <= highest)) highest = temperatureCelsius;
  }
  return highest;
}

function busiest(gpus: readonly GpuMeasurement[] | null): number {
  let highest = Number.NaN;
  if (gpus === null) return highest;
  for (const { usageRatio } of gpus) {
    if (usageRatio !== null && !(usageRatio <= highest)) highest = usageRatio;
  }
  return highest;
}

function memoryOf(gpus: readonly GpuMeasurement[] | null): number {
  let sum = Number.NaN;
  if (gpus === null) return sum;
  for (const { memoryUsedBytes } of gpus) {
    if (memoryUsedBytes !== null) sum = (Number.isNaN(sum) ? 0 : sum) + memoryUsedBytes;
  }
  return sum;
}
