import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Measurements } from '@booner/protocol';
import { createDeltaTracker } from '../delta-tracker.ts';
import type { Sensor } from '../sensor.ts';
import { type CgroupLocation, findContainerCgroup } from './cgroup-location.ts';
import type { KernelFiles } from './kernel-files.ts';

type Cgroup = NonNullable<Measurements['cgroup']>;
type Figures = Omit<Cgroup, 'version' | 'cpuUsageCores'> & { readonly cpuSeconds: number | null };

/** Version 1 expresses "no limit" as the largest multiple of a page in 63 bits. */
const UNLIMITED_BYTES = 2 ** 62;

/**
 * Limits and usage of the container that this process runs in; `null` outside a container.
 * `memoryUsedBytes` excludes file pages that were not used recently: the kernel drops those before
 * the limit takes effect (the "working set" of the kubelet).
 */
export function createCgroupSensor(
  roots: { proc: string; sys: string },
  files: KernelFiles,
  monotonicNow: () => number,
): Sensor<Cgroup> {
  const location = findContainerCgroup(roots);
  if (location === null) return { read: () => null };
  const readFigures =
    location.version === 2 ? createReader2(location, files) : createReader1(location, files);
  const tracker = createDeltaTracker();

  return {
    read() {
      const { cpuSeconds, ...figures } = readFigures();
      const counters = new Map(cpuSeconds === null ? [] : [['cpu', [cpuSeconds]]]);
      const cores = tracker.update(counters, monotonicNow()).get('cpu')?.[0];
      return {
        version: location.version,
        cpuUsageCores: cores === undefined ? null : Math.round(cores * 1000) / 1000,
        ...figures,
      };
    },
  };
}

function createReader2({ folder }: CgroupLocation & { version: 2 }, files: KernelFiles): () => Figures {
  const text = (name: string) => optionalFile(folder, name, files);
  const [cpuMax, cpuStat] = [text('cpu.max'), text('cpu.stat')];
  const [memoryMax, memoryCurrent, memoryStat] = [
    text('memory.max'),
    text('memory.current'),
    text('memory.stat'),
  ];
  const [pidsMax, pidsCurrent] = [text('pids.max'), text('pids.current')];
  return () => {
    const [quota, period] = (cpuMax() ?? '').split(' ');
    const cpuMicroseconds = field(cpuStat(), 'usage_usec');
    return {
      cpuLimitCores: coresOf(toNumber(quota), toNumber(period)),
      cpuSeconds: cpuMicroseconds === null ? null : cpuMicroseconds / 1e6,
      memoryLimitBytes: toNumber(memoryMax()),
      memoryUsedBytes: workingSet(toNumber(memoryCurrent()), field(memoryStat(), 'inactive_file')),
      processLimit: toNumber(pidsMax()),
      processCount: toNumber(pidsCurrent()),
    };
  };
}

function createReader1(location: CgroupLocation & { version: 1 }, files: KernelFiles): () => Figures {
  const { cpu, cpuacct, memory, pids } = location;
  const quota = optionalFile(cpu, 'cpu.cfs_quota_us', files);
  const period = optionalFile(cpu, 'cpu.cfs_period_us', files);
  const usage = optionalFile(cpuacct, 'cpuacct.usage', files);
  const memoryLimit = optionalFile(memory, 'memory.limit_in_bytes', files);
  const memoryUsage = optionalFile(memory, 'memory.usage_in_bytes', files);
  const memoryStat = optionalFile(memory, 'memory.stat', files);
  const [pidsMax, pidsCurrent] = [
    optionalFile(pids, 'pids.max', files),
    optionalFile(pids, 'pids.current', files),
  ];
  return () => {
    const cpuNanoseconds = toNumber(usage());
    const limitBytes = toNumber(memoryLimit());
    return {
      cpuLimitCores: coresOf(toNumber(quota()), toNumber(period())), // a quota of -1 means no limit
      cpuSeconds: cpuNanoseconds === null ? null : cpuNanoseconds / 1e9,
      memoryLimitBytes: limitBytes !== null && limitBytes >= UNLIMITED_BYTES ? null : limitBytes,
      memoryUsedBytes: workingSet(toNumber(memoryUsage()), field(memoryStat(), 'total_inactive_file')),
      processLimit: toNumber(pidsMax()),
      processCount: toNumber(pidsCurrent()),
    };
  };
}

const coresOf = (quota: number | null, period: number | null): number | null =>
  quota === null || !period ? null : Math.round((quota / period) * 1000) / 1000;

const workingSet = (usedBytes: number | null, inactiveFileBytes: number | null): number | null =>
  usedBytes === null ? null : Math.max(usedBytes - (inactiveFileBytes ?? 0), 0);

/** Parses a non-negative number; `null` for `max`, -1 and missing values. */
function toNumber(text: string | null | undefined): number | null {
  const number = Number.parseInt(text ?? '', 10);
  return number >= 0 ? number : null;
}

/** Returns the number of a line `name number` in a flat keyed file. */
function field(text: string | null, name: string): number | null {
  const start = text === null ? -1 : `\n${text}`.indexOf(`\n${name} `);
  return start === -1 ? null : toNumber(text?.slice(start + name.length + 1, start + name.length + 32));
}

/** Reads a file of a controller that may be disabled. */
function optionalFile(folder: string | null, name: string, files: KernelFiles): () => string | null {
  if (folder === null || !existsSync(join(folder, name))) return () => null;
  const file = files.file(join(folder, name));
  return () => file.read();
}
