import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** A file that holds a temperature in thousandths of a degree Celsius. */
export type TemperatureInput = {
  readonly chip: string;
  readonly label: string;
  readonly criticalCelsius: number | null;
  readonly path: string;
};

/**
 * Finds the temperature inputs of the hardware monitors (the kernel's
 * Documentation/hwmon/sysfs-interface.rst), or if there are none, as on a Raspberry Pi with an old
 * kernel, the thermal zones (Documentation/ABI/testing/sysfs-class-thermal). Files are read one at
 * a time: a driver may be slow, and one that hangs blocks one thread.
 */
export async function findTemperatureInputs(sysRoot: string): Promise<TemperatureInput[]> {
  const inputs: TemperatureInput[] = [];
  for (const folder of await listFolder(join(sysRoot, 'class/hwmon'), /^hwmon\d+$/)) {
    inputs.push(...(await findHwmonInputs(folder)));
  }
  if (inputs.length > 0) return tellApart(inputs);
  for (const folder of await listFolder(join(sysRoot, 'class/thermal'), /^thermal_zone\d+$/)) {
    inputs.push(await describeThermalZone(folder));
  }
  return inputs;
}

async function findHwmonInputs(folder: string): Promise<TemperatureInput[]> {
  const inputs: TemperatureInput[] = [];
  const paths = await listFolder(folder, /^temp\d+_input$/);
  const chip = paths.length > 0 ? ((await readAttribute(join(folder, 'name'))) ?? basename(folder)) : '';
  for (const path of paths) {
    const stem = path.slice(0, -'input'.length);
    inputs.push({
      chip,
      label: (await readAttribute(`${stem}label`)) ?? basename(path).slice(0, -'_input'.length),
      criticalCelsius: toCelsius(await readAttribute(`${stem}crit`)),
      path,
    });
  }
  return inputs;
}

async function describeThermalZone(folder: string): Promise<TemperatureInput> {
  const path = join(folder, 'temp');
  const label = (await readAttribute(join(folder, 'type'))) ?? basename(folder);
  for (const tripType of await listFolder(folder, /^trip_point_\d+_type$/)) {
    if ((await readAttribute(tripType)) !== 'critical') continue;
    const critical = await readAttribute(`${tripType.slice(0, -'type'.length)}temp`);
    return { chip: 'thermal', label, criticalCelsius: toCelsius(critical), path };
  }
  return { chip: 'thermal', label, criticalCelsius: null, path };
}

/**
 * Adds the device to the names of chips with the same name and labels, such as two NVMe disks:
 * `nvme nvme0`.
 */
async function tellApart(inputs: readonly TemperatureInput[]): Promise<TemperatureInput[]> {
  const seen = new Set<string>();
  const alike = new Set<string>();
  for (const { chip, label } of inputs) {
    const name = `${chip}\n${label}`;
    if (seen.has(name)) alike.add(chip);
    seen.add(name);
  }
  const result: TemperatureInput[] = [];
  for (const input of inputs) {
    const device = alike.has(input.chip) ? await readDeviceName(input.path) : null;
    result.push(device === null ? input : { ...input, chip: `${input.chip} ${device}` });
  }
  return result;
}

const readDeviceName = (path: string): Promise<string | null> =>
  unlessRefused(async () => basename(await readlink(join(path, '../device'))), null);

/**
 * Converts thousandths of a degree to degrees with one decimal; `null` if impossible. Chips report
 * -128, 255 or 65261 °C for sensors that are not connected and limits that are not set.
 */
export function toCelsius(text: string | null): number | null {
  const celsius = Number.parseInt(text ?? '', 10) / 1000;
  return celsius > -100 && celsius < 250 ? Math.round(celsius * 10) / 10 : null;
}

const readAttribute = (path: string): Promise<string | null> =>
  unlessRefused(async () => (await readFile(path, 'utf8')).trim().slice(0, 200) || null, null);

/** Returns the paths of matching entries in the order of their numbers. */
async function listFolder(folder: string, names: RegExp): Promise<string[]> {
  const entries = await unlessRefused(() => readdir(folder), []);
  const number = (name: string) => Number.parseInt(name.replaceAll(/\D/g, ''), 10);
  return entries
    .filter((name) => names.test(name))
    .sort((a, b) => number(a) - number(b))
    .map((name) => join(folder, name));
}

/**
 * Attributes come and go with drivers (ENOENT, ENODEV) and fail while a device sleeps (EAGAIN,
 * EIO). Other errors are thrown.
 */
async function unlessRefused<T>(read: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return otherwise;
    throw error;
  }
}
