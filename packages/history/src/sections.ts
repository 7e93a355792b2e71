import type { Measurements } from '@booner/protocol';
import { FIGURES } from '@booner/protocol/figures';
import type { DeviceKind, HISTORY_METRICS, HistoryMetric } from '@booner/protocol/history-metrics';

export type SampledPart = Measurements;
type Read<T> = (from: T) => number | null;
type HostMetric = {
  [Name in HistoryMetric]: (typeof HISTORY_METRICS)[Name] extends { readonly device: DeviceKind }
    ? never
    : Name;
}[HistoryMetric];

const HOST_METRICS: { readonly [Name in HostMetric]: Read<SampledPart> } = {
  cpuUsageRatio: FIGURES.cpuUsageRatio.read,
  cpuUserRatio: ({ cpu }) => cpu?.userRatio ?? null,
  cpuSystemRatio: ({ cpu }) => cpu?.systemRatio ?? null,
  cpuIowaitRatio: FIGURES.cpuIowaitRatio.read,
  cpuStealRatio: FIGURES.cpuStealRatio.read,
  load1Minute: FIGURES.load1Minute.read,
  load5Minutes: ({ loadAverage }) => loadAverage?.last5Minutes ?? null,
  load15Minutes: ({ loadAverage }) => loadAverage?.last15Minutes ?? null,
  memoryUsageRatio: ({ memory }) => (memory === null ? null : memory.usedBytes / memory.totalBytes),
  memoryTotalBytes: FIGURES.memoryTotalBytes.read,
  memoryUsedBytes: FIGURES.memoryUsedBytes.read,
  memoryAvailableBytes: ({ memory }) => memory?.availableBytes ?? null,
  memoryBuffersBytes: ({ memory }) => memory?.buffersBytes ?? null,
  memoryCachedBytes: ({ memory }) => memory?.cachedBytes ?? null,
  swapTotalBytes: FIGURES.swapTotalBytes.read,
  swapUsedBytes: FIGURES.swapUsedBytes.read,
  diskUsageRatio: FIGURES.diskUsageRatio.read,
  readBytesPerSecond: FIGURES.readBytesPerSecond.read,
  writtenBytesPerSecond: FIGURES.writtenBytesPerSecond.read,
  readsPerSecond: ({ disks }) => disks?.readsPerSecond ?? null,
  writesPerSecond: ({ disks }) => disks?.writesPerSecond ?? null,
  receivedBytesPerSecond: FIGURES.receivedBytesPerSecond.read,
  sentBytesPerSecond: FIGURES.sentBytesPerSecond.read,
  temperatureCelsius: FIGURES.temperatureCelsius.read,
  gpuUsageRatio: FIGURES.gpuUsageRatio.read,
  gpuMemoryUsedBytes: FIGURES.gpuMemoryUsedBytes.read,
  cpuPressureRatio: FIGURES.cpuPressureRatio.read,
  memoryPressureRatio: FIGURES.memoryPressureRatio.read,
  ioPressureRatio: FIGURES.ioPressureRatio.read,
  memoryFullPressureRatio: ({ pressure }) => pressure?.memory.full?.avg10Ratio ?? null,
  ioFullPressureRatio: ({ pressure }) => pressure?.io.full?.avg10Ratio ?? null,
  processesTotal: ({ processes }) => processes?.total ?? null,
  processesRunning: ({ processes }) => processes?.running ?? null,
  processesBlocked: ({ processes }) => processes?.blocked ?? null,
  cgroupCpuUsageCores: ({ cgroup }) => cgroup?.cpuUsageCores ?? null,
  cgroupMemoryUsedBytes: ({ cgroup }) => cgroup?.memoryUsedBytes ?? null,
  cgroupProcessCount: ({ cgroup }) => cgroup?.processCount ?? null,
};

/** Metrics of the host itself, in the order of stored columns. */
export const HOST_SECTION = Object.entries(HOST_METRICS).map(([metric, read]) => ({
  metric: metric as HistoryMetric,
  read,
}));

/** Devices of one kind, with the metrics that each has. */
export type Section = {
  readonly kind: DeviceKind;
  /** Bound on devices of one host: further ones are left out; totals include them. */
  readonly maxDevices: number;
  readonly devices: (sample: SampledPart) => readonly unknown[];
  readonly nameOf: (device: unknown) => string;
  readonly metrics: readonly { readonly metric: HistoryMetric; readonly read: Read<unknown> }[];
};

function section<Device>(
  kind: DeviceKind,
  maxDevices: number,
  devices: (sample: SampledPart) => readonly Device[] | null | undefined,
  nameOf: (device: Device) => string,
  metrics: { readonly [Name in HistoryMetric]?: Read<Device> },
): Section {
  return {
    kind,
    maxDevices,
    devices: (sample) => devices(sample) ?? [],
    nameOf: nameOf as Section['nameOf'],
    metrics: Object.entries(metrics).map(([metric, read]) => ({
      metric: metric as HistoryMetric,
      read: read as Read<unknown>,
    })),
  };
}

const physicalFirst = <T extends { readonly kind: string }>(list: readonly T[] | undefined): readonly T[] =>
  list === undefined || list.length <= MAX_INTERFACES
    ? (list ?? [])
    : [...list].sort((a, b) => Number(b.kind === 'physical') - Number(a.kind === 'physical'));
const MAX_INTERFACES = 64;

export const DEVICE_SECTIONS: readonly Section[] = [
  section(
    'core',
    256,
    ({ cpu }) => cpu?.cores,
    ({ core }) => String(core),
    { coreUsageRatio: ({ usageRatio }) => usageRatio },
  ),
  section(
    'fileSystem',
    64,
    ({ fileSystems }) => fileSystems,
    ({ mountPoint }) => mountPoint,
    {
      fileSystemTotalBytes: ({ totalBytes }) => totalBytes,
      fileSystemUsedBytes: ({ usedBytes }) => usedBytes,
      fileSystemAvailableBytes: ({ availableBytes }) => availableBytes,
      fileSystemInodesTotal: ({ inodesTotal }) => inodesTotal,
      fileSystemInodesUsed: ({ inodesUsed }) => inodesUsed,
    },
  ),
  section(
    'disk',
    64,
    ({ disks }) => disks?.devices,
    ({ device }) => device,
    {
      diskReadBytesPerSecond: ({ readBytesPerSecond }) => readBytesPerSecond,
      diskWrittenBytesPerSecond: ({ writtenBytesPerSecond }) => writtenBytesPerSecond,
      diskReadsPerSecond: ({ readsPerSecond }) => readsPerSecond,
      diskWritesPerSecond: ({ writesPerSecond }) => writesPerSecond,
      diskBusyRatio: ({ busyRatio }) => busyRatio,
    },
  ),
  section(
    'interface',
    MAX_INTERFACES,
    ({ network }) => physicalFirst(network?.interfaces),
    (device) => device.interface,
    {
      interfaceReceivedBytesPerSecond: ({ receivedBytesPerSecond }) => receivedBytesPerSecond,
      interfaceSentBytesPerSecond: ({ sentBytesPerSecond }) => sentBytesPerSecond,
      interfaceReceivedPacketsPerSecond: ({ receivedPacketsPerSecond }) => receivedPacketsPerSecond,
      interfaceSentPacketsPerSecond: ({ sentPacketsPerSecond }) => sentPacketsPerSecond,
      interfaceErrorsPerSecond: ({ errorsPerSecond }) => errorsPerSecond,
      interfaceDropsPerSecond: ({ dropsPerSecond }) => dropsPerSecond,
    },
  ),
  section(
    'sensor',
    64,
    ({ temperatures }) => temperatures,
    ({ chip, label }) => `${chip} ${label}`,
    { sensorCelsius: ({ temperatureCelsius }) => temperatureCelsius },
  ),
  section(
    'gpu',
    16,
    ({ gpus }) => gpus,
    ({ index }) => String(index),
    {
      gpuDeviceUsageRatio: ({ usageRatio }) => usageRatio,
      gpuDeviceMemoryTotalBytes: ({ memoryTotalBytes }) => memoryTotalBytes,
      gpuDeviceMemoryUsedBytes: ({ memoryUsedBytes }) => memoryUsedBytes,
      gpuDeviceCelsius: ({ temperatureCelsius }) => temperatureCelsius,
      gpuDevicePowerWatts: ({ powerWatts }) => powerWatts,
    },
  ),
];

/** Returns the names of a sample's devices, each once: the second `sda` is `sda #2`. */
export function deviceNames({ devices, nameOf, maxDevices }: Section, sample: SampledPart): string[] {
  const seen = new Map<string, number>();
  return devices(sample)
    .slice(0, maxDevices)
    .map((device) => {
      const name = nameOf(device);
      const times = (seen.get(name) ?? 0) + 1;
      seen.set(name, times);
      return times === 1 ? name : `${name} #${times}`;
    });
}
