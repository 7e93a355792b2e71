import { diskUsageRatio } from './disk-usage.ts';
import type { Inventory } from './inventory.ts';
import type { GpuMeasurement, Measurements } from './measurements.ts';
import type { SystemStatus } from './system-status.ts';
import type { MainServer, TargetSummary } from './target.ts';

const GIB = 2 ** 30;
const UNKNOWN = 'Unknown';

/** Formats `32.00 GB`. One GB is 2^30 bytes. */
const gigabytes = (bytes: number): string => `${(bytes / GIB).toFixed(2)} GB`;
/** Formats `22%`, in whole numbers. */
const percent = (ratio: number | null | undefined): string =>
  ratio === null || ratio === undefined ? UNKNOWN : `${Math.round(ratio * 100)}%`;

/**
 * Returns `main_server` of version 1. Like this whole module, it has no dependencies: hubs send
 * these texts, and pages connected by version 2 show the same ones.
 */
export function mainServerTexts({ inventory, measurements }: MainServer): SystemStatus['main_server'] {
  return {
    cpu: cpuText(inventory, measurements),
    gpu: gpuText(inventory, measurements),
    ram: ramText(measurements),
    disk: diskText(measurements),
    status: 'active',
  };
}

/**
 * Returns an entry of `deployment_targets` of version 1. `specs` is the only field that can show a
 * conflict.
 */
export function deploymentTarget({
  host,
  status,
  cpuUsageRatio,
  specs,
  conflictingInstances,
}: Pick<TargetSummary, 'host' | 'status' | 'cpuUsageRatio' | 'specs' | 'conflictingInstances'>) {
  const agents = conflictingInstances?.length ?? 0;
  return {
    host,
    status,
    load: cpuUsageRatio === null ? null : Math.round(cpuUsageRatio * 100) / 100,
    specs: agents === 0 ? specs : `${specs} (${agents} agents claim this host id)`,
  } satisfies SystemStatus['deployment_targets'][number];
}

/** `Intel(R) Core(TM) i7-10700K (8 cores @ 3.80 GHz, 22% used)` */
export function cpuText(inventory: Inventory | null, measurements: Measurements | null): string {
  const cpu = inventory?.cpu ?? null;
  const cores = cpu?.physicalCores ?? cpu?.logicalCores ?? measurements?.cpu?.cores.length ?? null;
  const clock = cpu?.clockGigahertz ?? null;
  const coresText = cores === null ? `${UNKNOWN} cores` : `${cores} core${cores === 1 ? '' : 's'}`;
  const clockText = clock === null ? UNKNOWN : `${clock.toFixed(2)} GHz`;
  return `${cpu?.model ?? UNKNOWN} (${coresText} @ ${clockText}, ${percent(measurements?.cpu?.usageRatio)} used)`;
}

/** `32.00 GB (45% used)` */
export function ramText(measurements: Measurements | null): string {
  const { totalBytes = null, usedBytes = null } = measurements?.memory ?? {};
  return usageText(totalBytes, totalBytes === null || usedBytes === null ? null : usedBytes / totalBytes);
}

/**
 * Returns the size of the file system of `/` and its use as {@link diskUsageRatio} counts it:
 * `512.00 GB (68% used)`.
 */
export function diskText(measurements: Measurements | null): string {
  const root = rootFileSystem(measurements);
  return usageText(root?.totalBytes ?? null, diskUsageRatio(root));
}

/** `NVIDIA GeForce RTX 3080 (8GB/10GB @ 65°C)`, several joined with `, `; `None` without one. */
export function gpuText(inventory: Inventory | null, measurements: Measurements | null): string {
  const gpus = measurements?.gpus;
  if (gpus) return gpus.length === 0 ? 'None' : gpus.map(oneGpuText).join(', ');
  const known = inventory?.gpus ?? [];
  if (known.length === 0) return UNKNOWN;
  return known
    .map(
      ({ name, memoryTotalBytes }) => `${name} (${UNKNOWN}/${wholeGigabytes(memoryTotalBytes)} @ ${UNKNOWN})`,
    )
    .join(', ');
}

/** Returns the inventory in one phrase: `8 cores, 32 GB RAM, NVIDIA RTX 3050`. */
export function inventoryText(inventory: Inventory | null): string {
  if (inventory === null) return UNKNOWN;
  const { cpu, memoryTotalBytes, gpus } = inventory;
  const cores = cpu?.physicalCores ?? cpu?.logicalCores ?? null;
  const parts = [
    cores === null ? null : `${cores} core${cores === 1 ? '' : 's'}`,
    memoryTotalBytes === null ? null : `${Math.round(memoryTotalBytes / GIB)} GB RAM`,
    ...gpus.map(({ name }) => name),
  ].filter((part) => part !== null);
  return parts.length === 0 ? UNKNOWN : parts.join(', ');
}

export const rootFileSystem = (measurements: Measurements | null) =>
  measurements?.fileSystems?.find(({ mountPoint }) => mountPoint === '/') ?? null;

function usageText(totalBytes: number | null, usageRatio: number | null): string {
  if (totalBytes === null || totalBytes === 0) return UNKNOWN;
  return `${gigabytes(totalBytes)} (${percent(usageRatio)} used)`;
}

function oneGpuText({ name, memoryUsedBytes, memoryTotalBytes, temperatureCelsius }: GpuMeasurement): string {
  const temperature = temperatureCelsius === null ? UNKNOWN : `${Math.round(temperatureCelsius)}°C`;
  return `${name} (${wholeGigabytes(memoryUsedBytes)}/${wholeGigabytes(memoryTotalBytes)} @ ${temperature})`;
}

const wholeGigabytes = (bytes: number | null): string =>
  bytes === null ? UNKNOWN : `${Math.round(bytes / GIB)}GB`;
