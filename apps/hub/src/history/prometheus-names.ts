import type { HistoryMetric } from '@booner/protocol/history-metrics';

/**
 * Series of a metric in a Prometheus store: an expression over metrics that remote write sends.
 * Where it is the difference of two, as in "used = total - free", both have the same labels.
 */
export type StoredMetric = {
  readonly name: string;
  /** Subtracted from `name`. */
  readonly less?: string;
  /** Selects one of several series of a host, such as the file system of `/`. */
  readonly where?: Readonly<Record<string, string>>;
  /** Label of the device; two are joined by a space. Absent: the metric has none. */
  readonly device?: readonly string[];
};

const plain = (name: string): StoredMetric => ({ name });
const of = (name: string, ...device: string[]): StoredMetric => ({ name, device });
const pressure = (resource: string, stalled: string): StoredMetric => ({
  name: 'booner_pressure_ratio',
  where: { resource, stalled, window: '10s' },
});

/** Names that remote write gives the metrics of a history. */
export const STORED_METRICS: { readonly [Metric in HistoryMetric]: StoredMetric } = {
  cpuUsageRatio: plain('booner_cpu_usage_ratio'),
  cpuUserRatio: plain('booner_cpu_user_ratio'),
  cpuSystemRatio: plain('booner_cpu_system_ratio'),
  cpuIowaitRatio: plain('booner_cpu_iowait_ratio'),
  cpuStealRatio: plain('booner_cpu_steal_ratio'),
  load1Minute: plain('node_load1'),
  load5Minutes: plain('node_load5'),
  load15Minutes: plain('node_load15'),
  memoryUsageRatio: plain('booner_memory_usage_ratio'),
  memoryTotalBytes: plain('node_memory_MemTotal_bytes'),
  memoryUsedBytes: { name: 'node_memory_MemTotal_bytes', less: 'node_memory_MemAvailable_bytes' },
  memoryAvailableBytes: plain('node_memory_MemAvailable_bytes'),
  memoryBuffersBytes: plain('node_memory_Buffers_bytes'),
  memoryCachedBytes: plain('node_memory_Cached_bytes'),
  swapTotalBytes: plain('node_memory_SwapTotal_bytes'),
  swapUsedBytes: { name: 'node_memory_SwapTotal_bytes', less: 'node_memory_SwapFree_bytes' },
  diskUsageRatio: plain('booner_disk_usage_ratio'),
  readBytesPerSecond: plain('booner_disks_read_bytes_per_second'),
  writtenBytesPerSecond: plain('booner_disks_written_bytes_per_second'),
  readsPerSecond: plain('booner_disks_reads_per_second'),
  writesPerSecond: plain('booner_disks_writes_per_second'),
  receivedBytesPerSecond: plain('booner_networks_received_bytes_per_second'),
  sentBytesPerSecond: plain('booner_networks_sent_bytes_per_second'),
  temperatureCelsius: plain('booner_temperature_celsius'),
  gpuUsageRatio: plain('booner_gpus_usage_ratio'),
  gpuMemoryUsedBytes: plain('booner_gpus_memory_used_bytes'),
  cpuPressureRatio: pressure('cpu', 'some'),
  memoryPressureRatio: pressure('memory', 'some'),
  ioPressureRatio: pressure('io', 'some'),
  memoryFullPressureRatio: pressure('memory', 'full'),
  ioFullPressureRatio: pressure('io', 'full'),
  processesTotal: plain('node_processes_pids'),
  processesRunning: plain('node_procs_running'),
  processesBlocked: plain('node_procs_blocked'),
  cgroupCpuUsageCores: plain('booner_cgroup_cpu_usage_cores'),
  cgroupMemoryUsedBytes: plain('booner_cgroup_memory_used_bytes'),
  cgroupProcessCount: plain('booner_cgroup_processes'),
  coreUsageRatio: of('booner_cpu_core_usage_ratio', 'cpu'),
  fileSystemTotalBytes: of('node_filesystem_size_bytes', 'mountpoint'),
  fileSystemUsedBytes: {
    name: 'node_filesystem_size_bytes',
    less: 'node_filesystem_free_bytes',
    device: ['mountpoint'],
  },
  fileSystemAvailableBytes: of('node_filesystem_avail_bytes', 'mountpoint'),
  fileSystemInodesTotal: of('node_filesystem_files', 'mountpoint'),
  fileSystemInodesUsed: {
    name: 'node_filesystem_files',
    less: 'node_filesystem_files_free',
    device: ['mountpoint'],
  },
  diskReadBytesPerSecond: of('booner_disk_read_bytes_per_second', 'device'),
  diskWrittenBytesPerSecond: of('booner_disk_written_bytes_per_second', 'device'),
  diskReadsPerSecond: of('booner_disk_reads_per_second', 'device'),
  diskWritesPerSecond: of('booner_disk_writes_per_second', 'device'),
  diskBusyRatio: of('booner_disk_busy_ratio', 'device'),
  interfaceReceivedBytesPerSecond: of('booner_network_received_bytes_per_second', 'device'),
  interfaceSentBytesPerSecond: of('booner_network_sent_bytes_per_second', 'device'),
  interfaceReceivedPacketsPerSecond: of('booner_network_received_packets_per_second', 'device'),
  interfaceSentPacketsPerSecond: of('booner_network_sent_packets_per_second', 'device'),
  interfaceErrorsPerSecond: of('booner_network_errors_per_second', 'device'),
  interfaceDropsPerSecond: of('booner_network_drops_per_second', 'device'),
  sensorCelsius: of('node_hwmon_temp_celsius', 'chip', 'sensor'),
  gpuDeviceUsageRatio: of('booner_gpu_usage_ratio', 'gpu'),
  gpuDeviceMemoryTotalBytes: of('booner_gpu_memory_total_bytes', 'gpu'),
  gpuDeviceMemoryUsedBytes: of('booner_gpu_memory_used_bytes', 'gpu'),
  gpuDeviceCelsius: of('booner_gpu_temperature_celsius', 'gpu'),
  gpuDevicePowerWatts: of('booner_gpu_power_watts', 'gpu'),
};
