import { SamplerError } from '../sampler-error.ts';
import type { Sensor } from '../sensor.ts';
import type { KernelFile } from './kernel-files.ts';

/**
 * Whole seconds since the boot, time of suspension included: the first number of proc_uptime(5).
 */
export const createUptimeSensor = (uptime: KernelFile): Sensor<number> => ({
  read() {
    const seconds = Math.floor(Number.parseFloat(uptime.read()));
    if (!(seconds >= 0)) throw new SamplerError('bad_format', '/proc/uptime does not start with a number');
    return seconds;
  },
});
