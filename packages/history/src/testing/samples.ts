import type { Sample } from '@booner/protocol';
import { NOTHING_MEASURED } from '@booner/protocol/nothing-measured';

/** A sample that has a CPU use and a load, and what is given. */
export function sampleOf(cpuUsageRatio: number, parts: Partial<Sample> = {}): Sample {
  return {
    ...NOTHING_MEASURED,
    type: 'sample',
    host: '10.0.0.2' as Sample['host'],
    instance: 'a',
    sequence: 1,
    sampledAtMs: 0,
    inventoryTakenAtMs: null,
    intervalMs: 3000,
    cpu: {
      usageRatio: cpuUsageRatio,
      userRatio: cpuUsageRatio,
      systemRatio: 0,
      iowaitRatio: 0,
      stealRatio: 0,
      cores: [],
    },
    ...parts,
  };
}

export const mount = (mountPoint: string, usedBytes: number) => ({
  mountPoint,
  device: '/dev/vda1',
  type: 'ext4',
  totalBytes: 2 ** 36,
  usedBytes,
  availableBytes: 2 ** 36 - usedBytes,
  inodesTotal: 1000,
  inodesUsed: 10,
});

/** A network with many virtual interfaces, and one physical one that is the last. */
export const busyNetwork = (count: number) => ({
  receivedBytesPerSecond: 4711,
  sentBytesPerSecond: 1,
  interfaces: Array.from({ length: count }, (_, index) => ({
    interface: index === count - 1 ? 'eth0' : `veth${index}`,
    kind: index === count - 1 ? ('physical' as const) : ('virtual' as const),
    receivedBytesPerSecond: index,
    sentBytesPerSecond: 0,
    receivedPacketsPerSecond: 0,
    sentPacketsPerSecond: 0,
    errorsPerSecond: 0,
    dropsPerSecond: 0,
  })),
});
