import { join } from 'node:path';
import type { SensorSet } from '../sensor-set.ts';
import { createCgroupSensor } from './cgroup.ts';
import { createCpuSensor } from './cpu.ts';
import { createDisksSensor } from './disks.ts';
import { callStatfs, createFileSystemsSensor } from './file-systems.ts';
import { createKernelFiles, shareReading } from './kernel-files.ts';
import { createLoadAverageSensor } from './load-average.ts';
import { createMemorySensor, createSwapSensor } from './memory.ts';
import { createNetworkSensor } from './network.ts';
import { createPressureSensor } from './pressure.ts';
import { createProcessesSensor } from './processes.ts';
import type { Statfs } from './statfs-guard.ts';
import { createTemperaturesSensor } from './temperatures.ts';
import { createUptimeSensor } from './uptime.ts';

export type LinuxSensorsOptions = {
  readonly roots: { readonly proc: string; readonly sys: string };
  /** See the sampler's options. */
  readonly hostRoot?: string | undefined;
  readonly monotonicNow: () => number;
  readonly statfs?: Statfs | undefined;
};

/**
 * Creates the sensors of Linux. They spawn no process. /proc is read on the calling thread, as it
 * never blocks. What may block (`statfs`, hardware monitors) uses at most one thread each. Disposal
 * closes the files.
 */
export function openLinuxSensors(options: LinuxSensorsOptions): Disposable & { readonly sensors: SensorSet } {
  const { roots, hostRoot, monotonicNow, statfs = callStatfs } = options;
  const askHost: Statfs =
    hostRoot === undefined ? statfs : (mountPoint) => statfs(join(hostRoot, mountPoint));
  const files = createKernelFiles();
  const procFile = (name: string) => files.file(join(roots.proc, name));
  const stat = shareReading(procFile('stat'), monotonicNow);
  const meminfo = shareReading(procFile('meminfo'), monotonicNow);
  const mountinfo = files.file(join(roots.proc, hostRoot === undefined ? 'self' : '1', 'mountinfo'), 'utf8');

  return {
    sensors: {
      uptimeSeconds: createUptimeSensor(procFile('uptime')),
      cpu: createCpuSensor(stat),
      loadAverage: createLoadAverageSensor(procFile('loadavg')),
      memory: createMemorySensor(meminfo),
      swap: createSwapSensor(meminfo),
      fileSystems: createFileSystemsSensor(mountinfo, askHost, monotonicNow),
      disks: createDisksSensor(procFile('diskstats'), roots.sys, monotonicNow),
      network: createNetworkSensor(procFile('net/dev'), roots.sys, monotonicNow),
      temperatures: createTemperaturesSensor(roots.sys, files, monotonicNow),
      processes: createProcessesSensor(roots.proc, stat, monotonicNow),
      pressure: createPressureSensor(roots.proc, files),
      cgroup: hostRoot === undefined ? createCgroupSensor(roots, files, monotonicNow) : { read: () => null },
    },
    [Symbol.dispose]: () => files[Symbol.dispose](),
  };
}
