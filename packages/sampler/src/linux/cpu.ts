import type { CpuMeasurement } from '@booner/protocol';
import { needsTwoReadings, SamplerError } from '../sampler-error.ts';
import type { Sensor } from '../sensor.ts';
import { addUp, type CpuTimes, type SpentTime, sharesOf, timeSpent } from './cpu-times.ts';
import type { KernelFile } from './kernel-files.ts';

/**
 * CPU use from /proc/stat. The total is the sum of the cores present at both readings, not the
 * kernel's own, which jumps when a core goes offline or online. A core whose counters were
 * restarted is left out for one sample.
 */
export function createCpuSensor(stat: KernelFile): Sensor<CpuMeasurement> {
  let before: ReadonlyMap<number, CpuTimes> = new Map();

  return {
    read() {
      const after = parseCpuTimes(stat.read());
      if (after.size === 0) throw new SamplerError('bad_format', '/proc/stat lists no CPU');
      const spentByCore = new Map<number, SpentTime>();
      for (const [core, times] of after) {
        const spent = timeSpent(before.get(core) ?? times, times);
        if (spent) spentByCore.set(core, spent);
      }
      // Two readings within one tick (10 ms) give no rate. The base is kept for the next one.
      if (spentByCore.size > 0 || !hasSameCores(before, after)) before = after;
      if (spentByCore.size === 0) throw needsTwoReadings();
      return {
        ...sharesOf(addUp(spentByCore.values())),
        cores: Array.from(spentByCore, ([core, spent]) => ({ core, ...sharesOf(spent) })),
      };
    },
  };
}

/** Number of each online CPU -> its times. */
function parseCpuTimes(text: string): Map<number, CpuTimes> {
  const times = new Map<number, CpuTimes>();
  // The lines of the CPUs come first. The interrupts after them have many columns.
  for (let start = 0; text.startsWith('cpu', start); ) {
    const end = text.indexOf('\n', start);
    const [name, ...columns] = text.slice(start, end === -1 ? undefined : end).split(' ');
    const core = Number.parseInt(name!.slice(3), 10); // NaN for the kernel's total
    if (core >= 0) times.set(core, columns.map(Number));
    if (end === -1) break;
    start = end + 1;
  }
  return times;
}

function hasSameCores(before: ReadonlyMap<number, unknown>, after: ReadonlyMap<number, unknown>): boolean {
  return before.size === after.size && [...after.keys()].every((core) => before.has(core));
}
