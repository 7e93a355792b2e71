import type { Sample } from '@booner/protocol';
import { rootFileSystem } from '../state/target-texts.ts';

/** `read` gives `null` for what is not known: then there is no such line in the answer. */
export type TargetGauge = {
  readonly name: string;
  readonly help: string;
  readonly read: (sample: Sample) => number | null;
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
    read: ({ cpu }) => cpu?.usageRatio ?? null,
  },
  {
    name: 'booner_target_cpu_iowait_ratio',
    help: 'CPU waiting for I/O, 0 to 1',
    read: ({ cpu }) => cpu?.iowaitRatio ?? null,
  },
  {
    name: 'booner_target_cpu_steal_ratio',
    help: 'CPU taken by other guests, 0 to 1',
    read: ({ cpu }) => cpu?.stealRatio ?? null,
  },
  {
    name: 'booner_target_load1',
    help: 'Load average of a minute',
    read: ({ loadAverage }) => loadAverage?.last1Minute ?? null,
  },
  {
    name: 'booner_target_memory_total_bytes',
    help: 'Memory',
    read: ({ memory }) => memory?.totalBytes ?? null,
  },
  {
    name: 'booner_target_memory_used_bytes',
    help: 'Memory less what is available',
    read: ({ memory }) => memory?.usedBytes ?? null,
  },
  { name: 'booner_target_swap_total_bytes', help: 'Swap', read: ({ swap }) => swap?.totalBytes ?? null },
  { name: 'booner_target_swap_used_bytes', help: 'Swap in use', read: ({ swap }) => swap?.usedBytes ?? null },
  {
    name: 'booner_target_disk_total_bytes',
    help: 'Size of the file system of /',
    read: (sample) => rootFileSystem(sample)?.totalBytes ?? null,
  },
  {
    name: 'booner_target_disk_used_bytes',
    help: 'Used on the file system of /',
    read: (sample) => rootFileSystem(sample)?.usedBytes ?? null,
  },
  {
    name: 'booner_target_disk_read_bytes_per_second',
    help: 'Read from all disks',
    read: ({ disks }) => disks?.readBytesPerSecond ?? null,
  },
  {
    name: 'booner_target_disk_written_bytes_per_second',
    help: 'Written to all disks',
    read: ({ disks }) => disks?.writtenBytesPerSecond ?? null,
  },
  {
    name: 'booner_target_network_received_bytes_per_second',
    help: 'Received on physical interfaces',
    read: ({ network }) => network?.receivedBytesPerSecond ?? null,
  },
  {
    name: 'booner_target_network_sent_bytes_per_second',
    help: 'Sent on physical interfaces',
    read: ({ network }) => network?.sentBytesPerSecond ?? null,
  },
  {
    name: 'booner_target_temperature_celsius',
    help: 'The hottest sensor',
    read: ({ temperatures }) => highest(temperatures?.map(({ temperatureCelsius }) => temperatureCelsius)),
  },
  {
    name: 'booner_target_gpu_usage_ratio',
    help: 'The busiest GPU, 0 to 1',
    read: ({ gpus }) => highest(gpus?.map(({ usageRatio }) => usageRatio)),
  },
];

function highest(values: readonly (number | null)[] | undefined): number | null {
  const known = values?.filter((value) => value !== null) ?? [];
  return known.length === 0 ? null : Math.max(...known);
}
