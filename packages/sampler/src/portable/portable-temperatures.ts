import type { Measurements } from '@booner/protocol';
import si from 'systeminformation';
import type { Sensor } from '../sensor.ts';

type Temperatures = NonNullable<Measurements['temperatures']>;

/** CPU temperatures of systeminformation in °C; `null` or nothing if unknown. */
export type CpuTemperatures = {
  readonly main: number | null;
  readonly cores: readonly number[];
  readonly chipset?: number | null;
};

export function createPortableTemperatureSensor(): Sensor<Temperatures> {
  return { read: async () => listTemperatures(await si.cpuTemperature()) };
}

/**
 * Throws if nothing is known, as on macOS without a helper library and on Windows without
 * administrator rights.
 */
export function listTemperatures({ main, cores, chipset }: CpuTemperatures): Temperatures {
  const readings = [
    { label: 'CPU', celsius: main },
    ...cores.map((celsius, core) => ({ label: `Core ${core}`, celsius })),
    { label: 'Chipset', celsius: chipset },
  ];
  // -1 also means unknown, and no part of a running machine is at or below freezing.
  const known = readings.flatMap(({ label, celsius }) =>
    typeof celsius === 'number' && Number.isFinite(celsius) && celsius > 0
      ? [{ chip: 'cpu', label, temperatureCelsius: celsius, criticalCelsius: null }]
      : [],
  );
  if (known.length === 0) throw new Error('no temperature could be read');
  return known;
}
