import type { TargetFigures } from './target-figures.ts';

/** A gauge per target. `read` returns `null` for an unknown value: the answer has no such line. */
export type TargetGauge = {
  readonly name: string;
  readonly help: string;
  readonly read: (figures: TargetFigures) => number | null;
};

export const TARGET_GAUGES: readonly TargetGauge[] = [
  {
    name: 'booner_target_sampled_timestamp_seconds',
    help: "Unix time of the last sample by the agent's clock",
    read: ({ sampledAtMs }) => sampledAtMs / 1000,
  },
  {
    name: 'booner_target_uptime_seconds',
    help: 'Time since the host booted',
    read: ({ uptimeSeconds }) => uptimeSeconds,
  },
  {
    name: 'booner_target_boot_timestamp_seconds',
    help: "Unix time when the host booted, by the agent's clock, to the second",
    read: ({ sampledAtMs, uptimeSeconds }) =>
      uptimeSeconds === null ? null : Math.floor(sampledAtMs / 1000 - uptimeSeconds),
  },
  {
    name: 'booner_target_cpu_usage_ratio',
    help: 'CPU usage, 0 to 1',
    read: ({ cpuUsageRatio }) => cpuUsageRatio,
  },
  {
    name: 'booner_target_cpu_iowait_ratio',
    help: 'CPU time waiting for I/O, 0 to 1',
    read: ({ cpuIowaitRatio }) => cpuIowaitRatio,
  },
  {
    name: 'booner_target_cpu_steal_ratio',
    help: 'CPU time taken by other guests, 0 to 1',
    read: ({ cpuStealRatio }) => cpuStealRatio,
  },
  { name: 'booner_target_load1', help: 'Load average over 1 minute', read: ({ load1Minute }) => load1Minute },
  {
    name: 'booner_target_memory_total_bytes',
    help: 'Total memory',
    read: ({ memoryTotalBytes }) => memoryTotalBytes,
  },
  {
    name: 'booner_target_memory_used_bytes',
    help: 'Used memory: total minus available',
    read: ({ memoryUsedBytes }) => memoryUsedBytes,
  },
  {
    name: 'booner_target_swap_total_bytes',
    help: 'Total swap',
    read: ({ swapTotalBytes }) => swapTotalBytes,
  },
  { name: 'booner_target_swap_used_bytes', help: 'Used swap', read: ({ swapUsedBytes }) => swapUsedBytes },
  {
    name: 'booner_target_disk_total_bytes',
    help: 'Size of the file system of /',
    read: ({ diskTotalBytes }) => diskTotalBytes,
  },
  {
    name: 'booner_target_disk_used_bytes',
    help: 'Used space on the file system of /: size minus free',
    read: ({ diskUsedBytes }) => diskUsedBytes,
  },
  {
    name: 'booner_target_disk_free_bytes',
    help: 'Free space on the file system of /, including what is reserved for root',
    read: ({ diskTotalBytes, diskUsedBytes }) =>
      diskTotalBytes === null || diskUsedBytes === null ? null : diskTotalBytes - diskUsedBytes,
  },
  {
    name: 'booner_target_disk_available_bytes',
    help: 'Space on the file system of / that an unprivileged user can still write',
    read: ({ diskAvailableBytes }) => diskAvailableBytes,
  },
  {
    name: 'booner_target_disk_usage_ratio',
    help: 'Usage of the file system of /, 0 to 1: used / (used + available), as df computes it',
    read: ({ diskUsageRatio }) => diskUsageRatio,
  },
  {
    name: 'booner_target_disk_read_bytes_per_second',
    help: 'Bytes read from all disks per second',
    read: ({ readBytesPerSecond }) => readBytesPerSecond,
  },
  {
    name: 'booner_target_disk_written_bytes_per_second',
    help: 'Bytes written to all disks per second',
    read: ({ writtenBytesPerSecond }) => writtenBytesPerSecond,
  },
  {
    name: 'booner_target_network_received_bytes_per_second',
    help: 'Bytes received on physical interfaces per second',
    read: ({ receivedBytesPerSecond }) => receivedBytesPerSecond,
  },
  {
    name: 'booner_target_network_sent_bytes_per_second',
    help: 'Bytes sent on physical interfaces per second',
    read: ({ sentBytesPerSecond }) => sentBytesPerSecond,
  },
  {
    name: 'booner_target_temperature_celsius',
    help: 'Temperature of the hottest sensor',
    read: ({ temperatureCelsius }) => temperatureCelsius,
  },
  {
    name: 'booner_target_gpu_usage_ratio',
    help: 'Usage of the busiest GPU, 0 to 1',
    read: ({ gpuUsageRatio }) => gpuUsageRatio,
  },
];
