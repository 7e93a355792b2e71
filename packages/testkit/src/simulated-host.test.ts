import { inventorySchema, sampleSchema } from '@booner/protocol';
import { expect, test } from 'vitest';
import { createSimulatedHost, hostOf } from './simulated-host.ts';

test('samples and inventory are valid, of a real size, and count up', () => {
  const host = createSimulatedHost(4711, 3000);
  const samples = Array.from({ length: 20 }, (_, index) => host.nextSample(1_700_000_000_000 + index * 3000));
  for (const sample of samples) {
    expect(sampleSchema.safeParse(sample).error).toBeUndefined();
    expect(JSON.stringify(sample).length).toBeGreaterThan(2000);
    expect(JSON.stringify(sample).length).toBeLessThan(5000);
  }
  expect(samples.map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
  expect(inventorySchema.safeParse(host.inventory).error).toBeUndefined();
});

test('a host may be special, and is valid all the same', () => {
  const host = createSimulatedHost(7, 3000, {
    label: 'database',
    cpuUsageRatio: 0.95,
    rootUsageRatio: 0.97,
    hasGpu: true,
  });
  const sample = sampleSchema.parse(host.nextSample(1_700_000_000_000));
  expect(inventorySchema.parse(host.inventory)).toMatchObject({ label: 'database', gpus: [{}] });
  expect(sample.gpus).toHaveLength(1);
  expect(sample.cpu?.usageRatio).toBe(0.95);
  const root = sample.fileSystems?.find(({ mountPoint }) => mountPoint === '/');
  expect(root!.usedBytes! / root!.totalBytes!).toBeCloseTo(0.97);
});

test('a host with a course of its load follows it in all that depends on it', () => {
  const host = createSimulatedHost(7, 3000, { loadAt: (atMs) => (atMs < 60_000 ? 0.1 : 0.9) });
  const [calm, busy] = [host.nextSample(0), host.nextSample(60_000)].map((sample) =>
    sampleSchema.parse(sample),
  );
  expect([calm?.cpu?.usageRatio, busy?.cpu?.usageRatio]).toEqual([0.1, 0.9]);
  expect(calm?.memory?.usedBytes).toBeLessThan(busy!.memory!.usedBytes!);
  expect(calm?.network?.sentBytesPerSecond).toBeLessThan(busy!.network!.sentBytesPerSecond!);
});

test('each index is another host', () => {
  expect(hostOf(0)).toBe('10.0.0.0');
  expect(hostOf(9999)).toBe('10.0.39.15');
  expect(new Set(Array.from({ length: 10_000 }, (_, index) => hostOf(index))).size).toBe(10_000);
  expect(() => hostOf(2 ** 24)).toThrow(RangeError);
});
