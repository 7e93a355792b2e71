import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Measurements } from '@booner/protocol';
import type { Sensor } from '../sensor.ts';
import type { KernelFiles, SlowFile } from './kernel-files.ts';
import { findTemperatureInputs, type TemperatureInput, toCelsius } from './temperature-inputs.ts';

type Temperatures = NonNullable<Measurements['temperatures']>;
type Source = TemperatureInput & { readonly file: SlowFile };

/**
 * Reading one input costs about 50 µs of CPU, as it needs a thread; a host of 128 cores has 130.
 * Temperatures change in seconds: the average is one input in 0.3 s, so that up to ten are read for
 * each sample at 3 s.
 */
const PACE_MS_PER_INPUT = 300;
const LONGEST_PACE_MS = 10_000;
/** Interval of the search for added and removed chips. */
const LOOK_FOR_CHIPS_MS = 60_000;
/** Bound of the list in the protocol's schema. */
const MAX_INPUTS = 1024;

/**
 * Temperatures of the hardware monitors, one read at a time, so that a driver that hangs blocks one
 * thread. An input that fails (its device sleeps) is left out. Empty on a host without sensors,
 * such as most virtual machines.
 */
export function createTemperaturesSensor(
  sysRoot: string,
  files: KernelFiles,
  monotonicNow: () => number,
): Sensor<Temperatures> {
  let chips: string | null = null;
  let sources: Source[] = [];
  let lookAtMs = Number.NEGATIVE_INFINITY;
  let temperatures: Temperatures = [];
  let measureAtMs = Number.NEGATIVE_INFINITY;

  async function findSources(newChips: string): Promise<void> {
    const inputs = await findTemperatureInputs(sysRoot);
    sources = inputs.slice(0, MAX_INPUTS).map((input) => ({ ...input, file: files.slowFile(input.path) }));
    chips = newChips;
  }

  async function measure(): Promise<Temperatures> {
    const measured: Temperatures = [];
    let refusal: unknown = null;
    for (const { chip, label, criticalCelsius, file } of sources) {
      try {
        const temperatureCelsius = toCelsius(await file.read());
        if (temperatureCelsius !== null) measured.push({ chip, label, temperatureCelsius, criticalCelsius });
      } catch (error) {
        refusal ??= error;
      }
    }
    if (measured.length === 0 && refusal !== null) throw refusal;
    temperatures = measured;
    measureAtMs = monotonicNow() + Math.min(sources.length * PACE_MS_PER_INPUT, LONGEST_PACE_MS);
    return temperatures;
  }

  return {
    read() {
      const nowMs = monotonicNow();
      if (!(nowMs < lookAtMs)) {
        lookAtMs = nowMs + LOOK_FOR_CHIPS_MS;
        const newChips = listChips(sysRoot);
        if (newChips !== chips) return findSources(newChips).then(measure);
      }
      return sources.length === 0 || nowMs < measureAtMs ? temperatures : measure();
    },
  };
}

/**
 * Returns the names of all chips and zones; a chip that reappears has a new number. Listing these
 * folders never blocks.
 */
function listChips(sysRoot: string): string {
  const list = (folder: string) => {
    try {
      return readdirSync(join(sysRoot, 'class', folder))
        .sort()
        .join(' ');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
      throw error;
    }
  };
  return `${list('hwmon')}/${list('thermal')}`;
}
