import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Measurements } from '@booner/protocol';
import { roundRatio } from '../rounding.ts';
import { SamplerError } from '../sampler-error.ts';
import type { Sensor } from '../sensor.ts';
import type { KernelFile, KernelFiles } from './kernel-files.ts';

type Pressure = NonNullable<Measurements['pressure']>;
type Resource = Pressure['cpu'];
type Stall = Resource['some'];

/**
 * Pressure stall information, see the kernel's Documentation/accounting/psi.rst: the share of time
 * in which some threads, or all non-idle ones, waited for a resource. `null` if the kernel does not
 * provide it: before Linux 4.20, built without it, or booted with `psi=0`.
 */
export function createPressureSensor(procRoot: string, files: KernelFiles): Sensor<Pressure> {
  const folder = join(procRoot, 'pressure');
  if (!existsSync(join(folder, 'cpu'))) return { read: () => null };
  const cpu = files.file(join(folder, 'cpu'));
  const memory = files.file(join(folder, 'memory'));
  const io = files.file(join(folder, 'io'));

  return {
    read() {
      try {
        return { cpu: readResource(cpu), memory: readResource(memory), io: readResource(io) };
      } catch (error) {
        if (isSwitchedOff(error)) return null;
        throw error;
      }
    },
  };
}

/** With `psi=0` the files exist, but reading them fails. */
const isSwitchedOff = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EOPNOTSUPP' || error.code === 'ENOTSUP');

function readResource(file: KernelFile): Resource {
  const text = file.read();
  const some = readStall(text, 'some');
  if (some === null) throw new SamplerError('bad_format', '/proc/pressure has no line "some"');
  return { some, full: readStall(text, 'full') };
}

/**
 * Parses a line such as `some avg10=0.26 avg60=0.44 avg300=0.72 total=16678196`, in percent; `null`
 * without such a line.
 */
function readStall(text: string, kind: 'some' | 'full'): Stall | null {
  const start = text.indexOf(`${kind} avg10=`);
  if (start === -1) return null;
  const [, avg10, avg60, avg300] = text.slice(start, text.indexOf(' total', start)).split('=');
  return { avg10Ratio: toRatio(avg10), avg60Ratio: toRatio(avg60), avg300Ratio: toRatio(avg300) };
}

function toRatio(percent: string | undefined): number {
  const ratio = Number.parseFloat(percent ?? '') / 100;
  if (!(ratio >= 0))
    throw new SamplerError('bad_format', '/proc/pressure holds a value that is not a number');
  return roundRatio(ratio);
}
