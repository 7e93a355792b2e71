import { measurementsSchema } from '@booner/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knownAmount } from './known-figure.ts';
import { type CoreTimes, createPortableCpuSensor } from './portable-cpu.ts';
import { sumRates } from './portable-network.ts';
import { toMemory, toSwap } from './portable-sensors.ts';
import { selectFileSystems } from './portable-storage.ts';
import { listTemperatures } from './portable-temperatures.ts';

const times = (user: number, sys: number, idle: number, nice = 0, irq = 0) => ({
  user,
  nice,
  sys,
  idle,
  irq,
});

function sensorOver(...readings: CoreTimes[][]) {
  const left = [...readings];
  return createPortableCpuSensor(() => left.shift() ?? []);
}

describe('the portable CPU sensor', () => {
  it('takes shares of the time between two readings, for each core and all', () => {
    const sensor = sensorOver(
      [times(1000, 500, 9000), times(0, 0, 0)],
      [times(1200, 600, 9700), times(500, 0, 500, 250, 250)],
    );
    expect(() => sensor.read()).toThrow('needs two readings');
    expect(sensor.read()).toEqual({
      usageRatio: 0.52,
      userRatio: 0.38,
      systemRatio: 0.14,
      iowaitRatio: 0,
      stealRatio: 0,
      cores: [
        { core: 0, usageRatio: 0.3, userRatio: 0.2, systemRatio: 0.1, iowaitRatio: 0, stealRatio: 0 },
        { core: 1, usageRatio: 2 / 3, userRatio: 0.5, systemRatio: 1 / 6, iowaitRatio: 0, stealRatio: 0 },
      ],
    });
  });

  it('starts over when a core comes or goes, and when no time has passed', () => {
    const one = times(1, 1, 1);
    const sensor = sensorOver([one], [one, one], [one, one]);
    for (let n = 0; n < 3; n += 1) expect(() => sensor.read()).toThrow('needs two readings');
  });

  it('never leaves the bounds of the schema, whatever the counters do', () => {
    const anyTimes = fc.record({
      user: fc.nat(),
      nice: fc.nat(),
      sys: fc.nat(),
      idle: fc.nat(),
      irq: fc.nat(),
    });
    const reading = fc.array(anyTimes, { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(reading, reading, (first, second) => {
        const sensor = sensorOver(first, second);
        expect(() => sensor.read()).toThrow();
        try {
          measurementsSchema.shape.cpu.parse(sensor.read());
        } catch (error) {
          expect((error as Error).message).toBe('needs two readings');
        }
      }),
    );
  });
});

it('knows what stands for unknown', () => {
  expect([null, undefined, -1, Number.NaN, Number.POSITIVE_INFINITY].map(knownAmount)).toEqual(
    Array.from({ length: 5 }, () => null),
  );
  expect([0, 1.5].map(knownAmount)).toEqual([0, 1.5]);
});

it('counts as used what is not available, and leaves 0 for unknown out', () => {
  const figures = { total: 100, available: 30, buffers: 0, cached: 20, swaptotal: 10, swapused: 11 };
  expect(toMemory(figures)).toEqual({
    totalBytes: 100,
    usedBytes: 70,
    availableBytes: 30,
    buffersBytes: null,
    cachedBytes: 20,
  });
  expect(toSwap(figures)).toEqual({ totalBytes: 10, usedBytes: 10 });
  expect(() => toMemory({ ...figures, total: Number.NaN })).toThrow('the size of the memory is not known');
  expect(() => toSwap({ ...figures, swapused: -1 })).toThrow('the use of the swap is not known');
});

it('keeps real file systems, each device once', () => {
  const sizes = { size: 1000, used: 400, available: 500 };
  const real = { ...sizes, type: 'APFS' };
  const selected = selectFileSystems([
    { ...real, fs: '/dev/disk3s1s1', mount: '/' },
    { ...real, fs: '/dev/disk3s5', mount: '/System/Volumes/Data' },
    { ...real, fs: '/dev/disk3s6', mount: '/System/Volumes/VM' },
    { ...real, fs: '/dev/disk5s1', mount: '/Volumes/Backup/again' },
    { ...real, fs: '/dev/disk5s1', mount: '/Volumes/Backup' },
    { ...sizes, type: 'tmpfs', fs: 'tmpfs', mount: '/run' },
    { ...sizes, type: 'overlay', fs: 'overlay', mount: '/var/lib/docker/x' },
    { ...real, fs: '/dev/empty', mount: '/empty', size: 0 },
    { ...sizes, type: 'NTFS', fs: 'C:', mount: 'C:', used: Number.NaN },
  ]);
  expect(selected.map(({ mountPoint }) => mountPoint)).toEqual([
    '/',
    '/System/Volumes/Data',
    '/Volumes/Backup',
    'C:',
  ]);
  expect(measurementsSchema.shape.fileSystems.parse(selected)?.at(-1)).toEqual({
    mountPoint: 'C:',
    device: 'C:',
    type: 'NTFS',
    totalBytes: 1000,
    usedBytes: null,
    availableBytes: 500,
    inodesTotal: null,
    inodesUsed: null,
  });
});

it('sums the rates of the interfaces that have been read twice', () => {
  const first = { iface: 'en7', rx_sec: null, tx_sec: null };
  expect(
    sumRates([{ iface: 'en0', rx_sec: 10, tx_sec: 1 }, first, { iface: 'en1', rx_sec: 5, tx_sec: 0.5 }]),
  ).toEqual({ receivedBytesPerSecond: 15, sentBytesPerSecond: 1.5, interfaces: [] });
  expect(() => sumRates([first])).toThrow('needs two readings');
  expect(() => sumRates([{ iface: 'en0', rx_sec: -1, tx_sec: -1 }])).toThrow('needs two readings');
});

it('lists the temperatures that are known', () => {
  expect(listTemperatures({ main: 51.5, cores: [50, -1, 53], chipset: null })).toEqual([
    { chip: 'cpu', label: 'CPU', temperatureCelsius: 51.5, criticalCelsius: null },
    { chip: 'cpu', label: 'Core 0', temperatureCelsius: 50, criticalCelsius: null },
    { chip: 'cpu', label: 'Core 2', temperatureCelsius: 53, criticalCelsius: null },
  ]);
  expect(() => listTemperatures({ main: null, cores: [] })).toThrow('no temperature could be read');
});
