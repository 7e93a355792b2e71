import { freemem, totalmem } from 'node:os';
import { measurementsSchema } from '@booner/protocol';
import { expect, it, vi } from 'vitest';
import { createPortableSensors, type PortableSensors } from './portable-sensors.ts';

const WAIT = { timeout: 20_000, interval: 600 };

/** Reads a sensor of this machine and holds the result against its part of the schema. */
async function readPart<P extends keyof PortableSensors>(sensors: PortableSensors, part: P) {
  const value: unknown = await sensors[part].read();
  measurementsSchema.shape[part].parse(value);
  return value as ReturnType<(typeof measurementsSchema.shape)[P]['parse']>;
}

it('measures this machine in the units of the schema', async () => {
  const sensors = createPortableSensors();
  const [memory, swap] = await Promise.all([readPart(sensors, 'memory'), readPart(sensors, 'swap')]);
  expect(memory?.totalBytes).toBe(totalmem());
  expect(memory?.availableBytes).toBeGreaterThan(freemem() / 2);
  expect(swap?.totalBytes).toBeGreaterThanOrEqual(0);
  expect(await readPart(sensors, 'uptimeSeconds')).toBeGreaterThan(0);
  expect(await readPart(sensors, 'loadAverage')).not.toBeNull();
  const root = (await readPart(sensors, 'fileSystems'))?.find(({ mountPoint }) => mountPoint === '/');
  expect(root?.totalBytes).toBeGreaterThan(2 ** 20);
  expect((await readPart(sensors, 'processes'))?.total).toBeGreaterThan(1);
});

it('says of the CPU that it needs two readings, and then gives its use', async () => {
  const sensors = createPortableSensors();
  expect(() => sensors.cpu.read()).toThrow('needs two readings');
  await vi.waitFor(async () => expect(await readPart(sensors, 'cpu')).not.toBeNull(), WAIT);
});

it.each([
  ['disks', 'the rates of disks are not known on this system'],
  ['network', 'no physical network interface was found'],
] as const)(
  'says of the %s that it needs two readings, and then gives rates, or that there are none',
  async (part, none) => {
    const sensors = createPortableSensors();
    await expect(sensors[part].read()).rejects.toThrow(
      /^(needs two readings|no physical network interface was found)$/,
    );
    await vi.waitFor(async () => {
      const outcome = await readPart(sensors, part).catch((error: Error) => error.message);
      if (outcome !== none) expect(outcome).toBeTypeOf('object');
    }, WAIT);
  },
);
