import { join } from 'node:path';
import { measurementsSchema } from '@booner/protocol';
import { expect, test, vi } from 'vitest';
import { composeSampler, startSampler } from './sampler.ts';
import type { SensorSet } from './sensor-set.ts';
import { listInstants, listRecordedHosts, openRecordedHost } from './testing/recorded-host.ts';

const signal = AbortSignal.timeout(60_000);

for (const name of await listRecordedHosts()) {
  test(`a ${name} host is measured as expected`, async () => {
    await using host = await openRecordedHost(name);
    await using sampler = await startSampler(host, { signal });
    for (const atSeconds of (await listInstants(name)).slice(1)) {
      await host.show(atSeconds);
      const measurements = await sampler.sample();
      expect(measurementsSchema.parse(measurements)).toEqual(measurements);
      const expected = join(import.meta.dirname, '__fixtures__', name, `expected-at-${atSeconds}s.json`);
      await expect(`${JSON.stringify(measurements, null, 2)}\n`).toMatchFileSnapshot(expected);
    }
  });
}

test('without a second reading rates are unknown, with the reason, and the rest is there', async () => {
  await using host = await openRecordedHost('small-vm');
  await using sampler = await startSampler(host, { signal });
  const measurements = await sampler.sample();
  const reason = 'needs two readings';
  expect(measurements.unavailable).toEqual({ cpu: reason, disks: reason, network: reason });
  expect(measurements).toMatchObject({
    cpu: null,
    disks: null,
    network: null,
    memory: { totalBytes: 25276502016 },
  });
});

test('after disposal nothing is measured and the reason says so', async () => {
  await using host = await openRecordedHost('small-vm');
  const sampler = await startSampler(host, { signal });
  await sampler[Symbol.asyncDispose]();
  await host.show(3);
  const measurements = await sampler.sample();
  expect(measurements).toMatchObject({ uptimeSeconds: null, cpu: null, memory: null });
  expect(measurements.unavailable.memory).toBe('the sampler was stopped');
});

test('an aborted start rejects with the reason of the signal', async () => {
  await using host = await openRecordedHost('small-vm');
  const reason = new Error('no longer wanted');
  await expect(startSampler(host, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test('a sensor that hangs costs its own part alone, is not asked again, and is asked again once it answered', async () => {
  let nowMs = 0;
  let calls = 0;
  let answer = (_seconds: number) => {};
  const hanging = () => {
    calls += 1;
    return new Promise<number>((resolve) => {
      answer = resolve;
    });
  };
  const sensors: SensorSet = {
    uptimeSeconds: { read: hanging },
    gpus: { read: () => Promise.resolve([]) },
    swap: { read: () => ({ totalBytes: 2, usedBytes: 1 }) },
  };
  const sampler = composeSampler(sensors, () => nowMs);

  const first = await sampler.sample();
  expect(first).toMatchObject({ uptimeSeconds: null, gpus: [], swap: { totalBytes: 2, usedBytes: 1 } });
  expect(first.unavailable).toEqual({ uptimeSeconds: 'no answer within 1 s' });

  nowMs = 12_000;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }); // the sensor is not waited for again
  const second = await sampler.sample();
  vi.useRealTimers();
  expect(second.unavailable).toEqual({ uptimeSeconds: 'no answer for 12 s' });
  expect(calls).toBe(1);

  answer(42);
  await new Promise(setImmediate);
  const third = sampler.sample();
  answer(43);
  expect(await third).toMatchObject({ uptimeSeconds: 43, unavailable: {} });
  expect(calls).toBe(2);
});

test('a sensor that throws or rejects becomes a reason, also when it does so too late', async () => {
  let reject = (_error: Error) => {};
  const sampler = composeSampler(
    {
      cpu: {
        read() {
          throw new Error('no CPU today');
        },
      },
      disks: { read: () => Promise.reject(new Error('x'.repeat(600))) },
      memory: {
        read: () =>
          new Promise((_, late) => {
            reject = late;
          }),
      },
    },
    () => 0,
  );
  const { unavailable } = await sampler.sample();
  expect(unavailable).toEqual({
    cpu: 'no CPU today',
    disks: 'x'.repeat(500),
    memory: 'no answer within 1 s',
  });
  reject(new Error('too late')); // an unhandled rejection would fail the run
  await new Promise(setImmediate);
});

test('what the host does not have is null without a reason', async () => {
  const sampler = composeSampler({ pressure: { read: () => null } }, () => 0);
  expect(await sampler.sample()).toMatchObject({ pressure: null, cgroup: null, unavailable: {} });
});
