import { cpus } from 'node:os';
import type { CpuMeasurement } from '@booner/protocol';
import type { Sensor } from '../sensor.ts';
import { NEEDS_TWO_READINGS } from './known-figure.ts';

/** Milliseconds of one core since it started, as `os.cpus()` gives them. */
export type CoreTimes = {
  readonly user: number;
  readonly nice: number;
  readonly sys: number;
  readonly idle: number;
  readonly irq: number;
};

/**
 * CPU use from `os.cpus()`, which needs no process. systeminformation's own load counts from the
 * start of the machine at first and from its last caller after that. macOS and Windows do not
 * report I/O wait and stolen time: they count the former as idle and do not have the latter. Both
 * are 0.
 */
export function createPortableCpuSensor(readTimes: () => CoreTimes[] = timesOfCores): Sensor<CpuMeasurement> {
  let before: CoreTimes[] | null = null;
  return {
    read() {
      const last = before;
      const now = readTimes();
      before = now;
      // An added or removed core shifts the numbers of the others.
      if (last === null || last.length !== now.length) throw new Error(NEEDS_TWO_READINGS);
      const deltas = now.map((times, core) => subtract(times, last[core]!));
      const cores = deltas.flatMap((delta, core) => {
        const shares = toShares(delta);
        return shares === null ? [] : [{ core, ...shares }];
      });
      const total = toShares(deltas.reduce(add));
      if (total === null) throw new Error(NEEDS_TWO_READINGS);
      return { ...total, cores };
    },
  };
}

function timesOfCores(): CoreTimes[] {
  const list = cpus();
  if (list.length === 0) throw new Error('the system does not report the times of its CPUs');
  return list.map(({ times }) => times);
}

/** Restarted counters count as 0. */
function subtract(now: CoreTimes, before: CoreTimes): CoreTimes {
  const grown = (key: keyof CoreTimes) => Math.max(0, now[key] - before[key]);
  return {
    user: grown('user'),
    nice: grown('nice'),
    sys: grown('sys'),
    idle: grown('idle'),
    irq: grown('irq'),
  };
}

function add(a: CoreTimes, b: CoreTimes): CoreTimes {
  return {
    user: a.user + b.user,
    nice: a.nice + b.nice,
    sys: a.sys + b.sys,
    idle: a.idle + b.idle,
    irq: a.irq + b.irq,
  };
}

/** Returns `null` if no time has passed. */
function toShares({ user, nice, sys, idle, irq }: CoreTimes): Omit<CpuMeasurement, 'cores'> | null {
  const busy = user + nice + sys + irq;
  const total = busy + idle;
  if (total <= 0) return null;
  return {
    usageRatio: Math.min(1, busy / total),
    userRatio: Math.min(1, (user + nice) / total),
    systemRatio: Math.min(1, (sys + irq) / total),
    iowaitRatio: 0,
    stealRatio: 0,
  };
}
