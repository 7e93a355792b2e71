import type { Measurements } from '@booner/protocol';
import { SamplerError } from '../sampler-error.ts';
import type { Sensor } from '../sensor.ts';
import type { KernelFile } from './kernel-files.ts';

type LoadAverage = NonNullable<Measurements['loadAverage']>;

/**
 * Mean number of threads that run or wait uninterruptibly: the first three numbers of
 * proc_loadavg(5).
 */
export const createLoadAverageSensor = (loadavg: KernelFile): Sensor<LoadAverage> => ({
  read() {
    const [last1Minute, last5Minutes, last15Minutes] = loadavg.read().split(' ', 3).map(Number);
    if (!(last1Minute! >= 0 && last5Minutes! >= 0 && last15Minutes! >= 0)) {
      throw new SamplerError('bad_format', '/proc/loadavg does not hold three numbers');
    }
    return { last1Minute: last1Minute!, last5Minutes: last5Minutes!, last15Minutes: last15Minutes! };
  },
});
