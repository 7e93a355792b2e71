import { join } from 'node:path';
import { measurementsSchema } from '@booner/protocol';
import { expect, it } from 'vitest';
import { findGpus } from './find-gpus.ts';
import { startGpuSensor } from './gpu-sensor.ts';

const FIXTURES = join(import.meta.dirname, '__fixtures__');
const pathsOf = (host: string) => ({
  sysRoot: join(FIXTURES, host, 'sys'),
  procRoot: join(FIXTURES, host, 'proc'),
  devRoot: join(FIXTURES, host, 'dev'),
  shareRoot: join(FIXTURES, 'share'),
});

async function readOnce(host: string) {
  await using sensor = await startGpuSensor(pathsOf(host), { signal: new AbortController().signal });
  return measurementsSchema.shape.gpus.parse(await sensor.read());
}

it('reads the Radeons of a workstation, not its management VGA, and lets a sleeping one sleep', async () => {
  const asleep = { usageRatio: null, memoryUsedBytes: null, temperatureCelsius: null, powerWatts: null };
  expect(await readOnce('amd-workstation')).toEqual([
    {
      index: 0,
      vendor: 'amd',
      name: 'AMD Radeon RX 6800 XT',
      usageRatio: 0.37,
      memoryTotalBytes: 17163091968,
      memoryUsedBytes: 2147483648,
      temperatureCelsius: 54,
      powerWatts: 112,
    },
    {
      index: 1,
      vendor: 'amd',
      name: 'AMD Radeon RX 7900 XT/7900 XTX/7900 GRE/7900M',
      usageRatio: 0,
      memoryTotalBytes: 25753026560,
      memoryUsedBytes: 27262976,
      temperatureCelsius: 41.5,
      powerWatts: 18.5,
    },
    { index: 2, vendor: 'amd', name: 'AMD GPU 1002:7480', memoryTotalBytes: 8573157376, ...asleep },
    {
      index: 3,
      vendor: 'amd',
      name: 'AMD Instinct MI300X',
      usageRatio: 1,
      memoryTotalBytes: 206141652992,
      memoryUsedBytes: 103079215104,
      temperatureCelsius: null,
      powerWatts: null,
    },
  ]);
});

it('says of Intel GPUs what /sys shows, and null for the rest', async () => {
  const unknown = { usageRatio: null, memoryUsedBytes: null, powerWatts: null };
  expect(await readOnce('intel-desktop')).toEqual([
    {
      index: 0,
      vendor: 'intel',
      name: 'Intel UHD Graphics 630',
      memoryTotalBytes: null,
      temperatureCelsius: null,
      ...unknown,
    },
    {
      index: 1,
      vendor: 'intel',
      name: 'Intel Arc B580',
      memoryTotalBytes: 12884901888,
      temperatureCelsius: 46,
      ...unknown,
    },
  ]);
});

it.each(['virtual-machine', 'nvidia-passed-through', 'no-such-tree'])('finds no GPU on %s', async (host) => {
  expect(await findGpus(pathsOf(host))).toEqual({ nvidia: false, nvidiaCount: 0, others: [] });
});

it('gives the same empty array at every read on a host without a GPU', async () => {
  await using sensor = await startGpuSensor(pathsOf('virtual-machine'), {
    signal: new AbortController().signal,
  });
  const first = sensor.read();
  expect(first).toEqual([]);
  expect(sensor.read()).toBe(first);
});
