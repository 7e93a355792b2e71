import type { TargetFigures } from './target-figures.ts';

/** `read` gives `null` for what is not known: then there is no such line in the answer. */
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
    help: 'Time since the start',
    read: ({ uptimeSeconds }) => uptimeSeconds,
  },
  {
    name: 'booner_target_cpu_usage_ratio',
    help: 'CPU use, 0 to 1',
    read: ({ cpuUsageRatio }) => cpuUsageRatio,
  },
  {
    name: 'booner_target_cpu_iowait_ratio',
    help: 'CPU waiting for I/O, 0 to 1',
    read: ({ cpuIowaitRatio }) => cpuIowaitRatio,
  },
  {
    name: 'booner_target_cpu_steal_ratio',
    help: 'CPU taken by other guests, 0 to 1',
    read: ({ cpuStealRatio }) => cpuStealRatio,
  },
  { name: 'booner_target_load1', help: 'Load average of a minute', read: ({ load1Minute }) => load1Minute },
  {
    name: 'booner_target_memory_total_bytes',
    help: 'Memory',
    read: ({ memoryTotalBytes }) => memoryTotalBytes,
  },
  {
    name: 'booner_target_memory_used_bytes',
    help: 'Memory less what is available',
    read: ({ memoryUsedBytes }) => memoryUsedBytes,
  },
  { name: 'booner_target_swap_total_bytes', help: 'Swap', read: ({ swapTotalBytes }) => swapTotalBytes },
  { name: 'booner_target_swap_used_bytes', help: 'Swap in use', read: ({ swapUsedBytes }) => swapUsedBytes },
  {
    name: 'booner_target_disk_total_bytes',
    help: 'Size of the file system of /',
    read: ({ diskTotalBytes }) => diskTotalBytes,
  },
  {
    name: 'booner_target_disk_used_bytes',
    help: 'Used on the file system of /: size less free',
    read: ({ diskUsedBytes }) => diskUsedBytes,
  },
  {
    name: 'booner_target_disk_free_bytes',
    help: 'Free on the file system of /, what is reserved for root included',
    read: ({ diskTotalBytes, diskUsedBytes }) =>
      diskTotalBytes === null || diskUsedBytes === null ? null : diskTotalBytes - diskUsedBytes,
  },
  {
    name: 'booner_target_disk_available_bytes',
    help: 'What an ordinary user can still write to the file system of /',
    read: ({ diskAvailableBytes }) => diskAvailableBytes,
  },
  {
    name: 'booner_target_disk_usage_ratio',
    help: 'Use of the file system of /, 0 to 1: used / (used + available), as df computes it',
    read: ({ diskUsageRatio }) => diskUsageRatio,
  },
  {
    name: 'booner_target_disk_read_bytes_per_second',
    help: 'Read from all disks',
    read: ({ readBytesPerSecond }) => readBytesPerSecond,
  },
  {
    name: 'booner_target_disk_written_bytes_per_second',
    help: 'Written to all disks',
    read: ({ writtenBytesPerSecond }) => writtenBytesPerSecond,
  },
  {
    name: 'booner_target_network_received_bytes_per_second',
    help: 'Received on physical interfaces',
    read: ({ receivedBytesPerSecond }) => receivedBytesPerSecond,
  },
  {
    name: 'booner_target_network_sent_bytes_per_second',
    help: 'Sent on physical interfaces',
    read: ({ sentBytesPerSecond }) => sentBytesPerSecond,
  },
  {
    name: 'booner_target_temperature_celsius',
    help: 'The hottest sensor',
    read: ({ temperatureCelsius }) => temperatureCelsius,
  },
  {
    name: 'booner_target_gpu_usage_ratio',
    help: 'The busiest GPU, 0 to 1',
    read: ({ gpuUsageRatio }) => gpuUsageRatio,
  },
];
