import { readdirSync } from 'node:fs';
import type { Measurements } from '@booner/protocol';
import { SamplerError } from '../sampler-error.ts';
import type { Sensor } from '../sensor.ts';
import type { KernelFile } from './kernel-files.ts';

type Processes = NonNullable<Measurements['processes']>;

/**
 * Listing /proc costs 0.3 ms of CPU on a small host and grows with the number of processes, as much
 * as the rest of a sample. The number changes slowly, so processes are counted for every third
 * sample at 3 s.
 */
const RECOUNT_MS = 8_500;

/**
 * Processes: the numbered folders of /proc. Threads that run or wait for I/O: /proc/stat, at each
 * sample.
 */
export function createProcessesSensor(
  procRoot: string,
  stat: KernelFile,
  monotonicNow: () => number,
): Sensor<Processes> {
  let total = 0;
  let recountAtMs = Number.NEGATIVE_INFINITY;

  return {
    read() {
      const text = stat.read();
      const nowMs = monotonicNow();
      if (!(nowMs < recountAtMs)) {
        total = countProcesses(procRoot);
        recountAtMs = nowMs + RECOUNT_MS;
      }
      return { total, running: readCount(text, 'procs_running'), blocked: readCount(text, 'procs_blocked') };
    },
  };
}

function countProcesses(procRoot: string): number {
  let count = 0;
  for (const name of readdirSync(procRoot)) {
    const first = name.charCodeAt(0);
    if (first >= 48 && first <= 57) count += 1; // '0' to '9'
  }
  return count;
}

function readCount(stat: string, field: string): number {
  // from the end, as the interrupts before it are long
  const start = stat.lastIndexOf(`\n${field} `);
  const count = start === -1 ? Number.NaN : Number.parseInt(stat.slice(start + field.length + 2), 10);
  if (!(count >= 0)) throw new SamplerError('bad_format', `/proc/stat has no ${field}`);
  return count;
}
