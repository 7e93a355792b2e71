import type { TargetSummary } from '@booner/protocol';

const GIB = 2 ** 30;

/** A healthy target, except for the given fields. */
export function fakeTarget(host: string, over: Partial<TargetSummary> = {}): TargetSummary {
  return {
    host,
    status: 'active',
    label: 'web',
    labels: {},
    operatorLabels: {},
    system: { os: 'linux', arch: 'x64', gpu: null, version: '0.1.0' },
    firstSeenAtMs: 0,
    lastSeenAtMs: 10_000,
    clockSkewMs: null,
    conflictingInstances: null,
    intervalMs: 3000,
    uptimeSeconds: 60,
    cpuUsageRatio: 0.2,
    load1Minute: 0.5,
    memoryTotalBytes: 8 * GIB,
    memoryUsedBytes: 4 * GIB,
    diskTotalBytes: 100 * GIB,
    diskUsedBytes: 50 * GIB,
    diskAvailableBytes: 50 * GIB,
    diskUsageRatio: 0.5,
    receivedBytesPerSecond: 1,
    sentBytesPerSecond: 2,
    temperatureCelsius: 50,
    gpus: [],
    specs: '4 cores, 8 GB RAM',
    ...over,
  } as TargetSummary;
}
