/**
 * The metrics that a history keeps. Names are those of the sample's fields, with the device's kind
 * in front where a host has several. This module depends on nothing, so that pages can import it
 * without zod.
 */

/** Unit of a metric; decides the precision that is stored. */
export type MetricUnit =
  | 'ratio'
  | 'bytes'
  | 'bytesPerSecond'
  | 'perSecond'
  | 'celsius'
  | 'watts'
  | 'load'
  | 'count';

/** What a host can have several of. */
export type DeviceKind = 'core' | 'fileSystem' | 'disk' | 'interface' | 'sensor' | 'gpu';

/** Group of metrics that is shown in one chart and can be requested by one name. */
export type MetricGroup =
  | 'cpu'
  | 'cores'
  | 'load'
  | 'memory'
  | 'swap'
  | 'fileSystems'
  | 'disks'
  | 'network'
  | 'temperature'
  | 'gpu'
  | 'pressure'
  | 'processes'
  | 'cgroup';

export type MetricDefinition = {
  readonly group: MetricGroup;
  readonly unit: MetricUnit;
  /** Kind of the devices that have this metric each. Absent: one value for the host. */
  readonly device?: DeviceKind;
};

const metric = (group: MetricGroup, unit: MetricUnit) => ({ group, unit });
const perDevice = (device: DeviceKind, group: MetricGroup, unit: MetricUnit) => ({ group, unit, device });

/** Stored histories depend on this order: add new metrics at the end of the table. */
export const HISTORY_METRICS = {
  cpuUsageRatio: metric('cpu', 'ratio'),
  cpuUserRatio: metric('cpu', 'ratio'),
  cpuSystemRatio: metric('cpu', 'ratio'),
  cpuIowaitRatio: metric('cpu', 'ratio'),
  cpuStealRatio: metric('cpu', 'ratio'),
  load1Minute: metric('load', 'load'),
  load5Minutes: metric('load', 'load'),
  load15Minutes: metric('load', 'load'),
  memoryUsageRatio: metric('memory', 'ratio'),
  memoryTotalBytes: metric('memory', 'bytes'),
  memoryUsedBytes: metric('memory', 'bytes'),
  memoryAvailableBytes: metric('memory', 'bytes'),
  memoryBuffersBytes: metric('memory', 'bytes'),
  memoryCachedBytes: metric('memory', 'bytes'),
  swapTotalBytes: metric('swap', 'bytes'),
  swapUsedBytes: metric('swap', 'bytes'),
  diskUsageRatio: metric('fileSystems', 'ratio'),
  readBytesPerSecond: metric('disks', 'bytesPerSecond'),
  writtenBytesPerSecond: metric('disks', 'bytesPerSecond'),
  readsPerSecond: metric('disks', 'perSecond'),
  writesPerSecond: metric('disks', 'perSecond'),
  receivedBytesPerSecond: metric('network', 'bytesPerSecond'),
  sentBytesPerSecond: metric('network', 'bytesPerSecond'),
  temperatureCelsius: metric('temperature', 'celsius'),
  gpuUsageRatio: metric('gpu', 'ratio'),
  gpuMemoryUsedBytes: metric('gpu', 'bytes'),
  cpuPressureRatio: metric('pressure', 'ratio'),
  memoryPressureRatio: metric('pressure', 'ratio'),
  ioPressureRatio: metric('pressure', 'ratio'),
  memoryFullPressureRatio: metric('pressure', 'ratio'),
  ioFullPressureRatio: metric('pressure', 'ratio'),
  processesTotal: metric('processes', 'count'),
  processesRunning: metric('processes', 'count'),
  processesBlocked: metric('processes', 'count'),
  cgroupCpuUsageCores: metric('cgroup', 'load'),
  cgroupMemoryUsedBytes: metric('cgroup', 'bytes'),
  cgroupProcessCount: metric('cgroup', 'count'),
  coreUsageRatio: perDevice('core', 'cores', 'ratio'),
  fileSystemTotalBytes: perDevice('fileSystem', 'fileSystems', 'bytes'),
  fileSystemUsedBytes: perDevice('fileSystem', 'fileSystems', 'bytes'),
  fileSystemAvailableBytes: perDevice('fileSystem', 'fileSystems', 'bytes'),
  fileSystemInodesTotal: perDevice('fileSystem', 'fileSystems', 'count'),
  fileSystemInodesUsed: perDevice('fileSystem', 'fileSystems', 'count'),
  diskReadBytesPerSecond: perDevice('disk', 'disks', 'bytesPerSecond'),
  diskWrittenBytesPerSecond: perDevice('disk', 'disks', 'bytesPerSecond'),
  diskReadsPerSecond: perDevice('disk', 'disks', 'perSecond'),
  diskWritesPerSecond: perDevice('disk', 'disks', 'perSecond'),
  diskBusyRatio: perDevice('disk', 'disks', 'ratio'),
  interfaceReceivedBytesPerSecond: perDevice('interface', 'network', 'bytesPerSecond'),
  interfaceSentBytesPerSecond: perDevice('interface', 'network', 'bytesPerSecond'),
  interfaceReceivedPacketsPerSecond: perDevice('interface', 'network', 'perSecond'),
  interfaceSentPacketsPerSecond: perDevice('interface', 'network', 'perSecond'),
  interfaceErrorsPerSecond: perDevice('interface', 'network', 'perSecond'),
  interfaceDropsPerSecond: perDevice('interface', 'network', 'perSecond'),
  sensorCelsius: perDevice('sensor', 'temperature', 'celsius'),
  gpuDeviceUsageRatio: perDevice('gpu', 'gpu', 'ratio'),
  gpuDeviceMemoryTotalBytes: perDevice('gpu', 'gpu', 'bytes'),
  gpuDeviceMemoryUsedBytes: perDevice('gpu', 'gpu', 'bytes'),
  gpuDeviceCelsius: perDevice('gpu', 'gpu', 'celsius'),
  gpuDevicePowerWatts: perDevice('gpu', 'gpu', 'watts'),
} as const satisfies Record<string, MetricDefinition>;

export type HistoryMetric = keyof typeof HISTORY_METRICS;

export const HISTORY_METRIC_NAMES = Object.keys(HISTORY_METRICS) as HistoryMetric[];

export const METRIC_GROUPS = [...new Set(HISTORY_METRIC_NAMES.map((name) => HISTORY_METRICS[name].group))];

/** Metrics that targets can be ranked by: their average and maximum of each hour is kept. */
export const RANKED_METRICS = [
  'cpuUsageRatio',
  'load1Minute',
  'memoryUsageRatio',
  'swapUsedBytes',
  'diskUsageRatio',
  'readBytesPerSecond',
  'writtenBytesPerSecond',
  'receivedBytesPerSecond',
  'sentBytesPerSecond',
  'temperatureCelsius',
  'gpuUsageRatio',
  'ioPressureRatio',
] as const satisfies readonly HistoryMetric[];

export type RankedMetric = (typeof RANKED_METRICS)[number];

/** One metric of one device of a host, or of the host itself. */
export type Series = {
  readonly metric: HistoryMetric;
  /** Mount point, interface, core …; `null` for a metric of the host. */
  readonly device: string | null;
};

/**
 * Resolutions at which a history is kept, finest first. `stepMs` is the length of one point;
 * `raw` keeps every sample, which arrive every 3 s by default.
 */
export const HISTORY_TIERS = {
  raw: { stepMs: 3000, keepMs: 6 * 3_600_000 },
  '10s': { stepMs: 10_000, keepMs: 48 * 3_600_000 },
  '1m': { stepMs: 60_000, keepMs: 30 * 86_400_000 },
  '10m': { stepMs: 600_000, keepMs: 90 * 86_400_000 },
  '1h': { stepMs: 3_600_000, keepMs: 400 * 86_400_000 },
} as const;

export type HistoryTier = keyof typeof HISTORY_TIERS;

export const HISTORY_TIER_NAMES = Object.keys(HISTORY_TIERS) as HistoryTier[];
