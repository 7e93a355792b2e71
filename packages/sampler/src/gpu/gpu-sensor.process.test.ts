import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { createFakeNvidiaSmi, replay, sayAndEnd } from '../testing/fake-nvidia-smi.ts';
import { startGpuSensor } from './gpu-sensor.ts';

const FIXTURES = join(import.meta.dirname, '__fixtures__');
const recorded = (name: string) => readFileSync(join(FIXTURES, name), 'utf8');
const TWO_GPUS = '2, 0, NVIDIA L4, 10, 23034, 512, 40, 30.5\n2, 1, NVIDIA L4, 20, 23034, 512, 41, 31.5\n';
const WAIT = { timeout: 15_000, interval: 20 };

/** A copy of a recorded host that a test may change. */
async function createHost(name: string) {
  const folder = await mkdtemp(join(tmpdir(), 'gpu-host-'));
  await cp(join(FIXTURES, name), folder, { recursive: true });
  return {
    sys: join(folder, 'sys'),
    paths: {
      sysRoot: join(folder, 'sys'),
      procRoot: join(folder, 'proc'),
      devRoot: join(folder, 'dev'),
      shareRoot: join(FIXTURES, 'share'),
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

const signal = () => new AbortController().signal;

it('spawns nothing on a host without an NVIDIA GPU', async () => {
  await using fake = await createFakeNvidiaSmi(replay(TWO_GPUS, { gpus: 2, everyMs: 200 }));
  for (const name of ['amd-workstation', 'intel-desktop', 'virtual-machine', 'nvidia-passed-through']) {
    await using host = await createHost(name);
    const nvidia = { command: fake.command, intervalMs: 200 };
    await using sensor = await startGpuSensor(
      { ...host.paths, nvidia, searchIntervalMs: 0 },
      { signal: signal() },
    );
    for (let n = 0; n < 5; n += 1) await sensor.read();
  }
  expect(await fake.starts()).toEqual([]);
});

it('numbers the GPUs of all vendors in one row', async () => {
  await using fake = await createFakeNvidiaSmi(replay(TWO_GPUS, { gpus: 2, everyMs: 200 }));
  await using host = await createHost('amd-and-nvidia');
  const nvidia = { command: fake.command, intervalMs: 200 };
  await using sensor = await startGpuSensor({ ...host.paths, nvidia }, { signal: signal() });
  await vi.waitFor(async () => {
    const gpus = await sensor.read();
    expect(gpus?.map(({ index, name, usageRatio }) => [index, name, usageRatio])).toEqual([
      [0, 'NVIDIA L4', 0.1],
      [1, 'NVIDIA L4', 0.2],
      [2, 'AMD Radeon RX 6800 XT', 0.05],
    ]);
  }, WAIT);
});

it('keeps the other GPUs when the NVIDIA driver fails, and says nothing of those that it cannot read', async () => {
  await using fake = await createFakeNvidiaSmi(sayAndEnd(recorded('nvidia-driver-error.txt'), 9));
  await using host = await createHost('amd-and-nvidia');
  await using sensor = await startGpuSensor(
    { ...host.paths, nvidia: { command: fake.command } },
    { signal: signal() },
  );
  await vi.waitFor(async () => expect((await fake.starts()).length).toBeGreaterThan(0), WAIT);
  const gpus = await sensor.read();
  expect(gpus?.map(({ index, name, usageRatio }) => [index, name, usageRatio])).toEqual([
    [0, 'NVIDIA GPU', null],
    [1, 'NVIDIA GPU', null],
    [2, 'AMD Radeon RX 6800 XT', 0.05],
  ]);
});

it('finds a GPU that comes, and forgets one that goes with its process', async () => {
  await using fake = await createFakeNvidiaSmi(replay(TWO_GPUS, { gpus: 2, everyMs: 200 }));
  await using host = await createHost('virtual-machine');
  const nvidia = { command: fake.command, intervalMs: 200 };
  await using sensor = await startGpuSensor(
    { ...host.paths, nvidia, searchIntervalMs: 50 },
    { signal: signal() },
  );
  expect(await sensor.read()).toEqual([]);

  const device = join(host.sys, 'bus/pci/devices/0000:05:00.0');
  await mkdir(device, { recursive: true });
  await writeFile(join(device, 'vendor'), '0x10de\n');
  await writeFile(join(device, 'class'), '0x030200\n');
  await vi.waitFor(async () => expect(await sensor.read()).toHaveLength(2), WAIT);

  await rm(device, { recursive: true });
  await vi.waitFor(async () => expect(await sensor.read()).toEqual([]), WAIT);
  const { pid } = (await fake.starts())[0]!;
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), WAIT);
});

it("takes Intel's power from its energy counter, and null when the counter started over", async () => {
  await using host = await createHost('intel-desktop');
  await using sensor = await startGpuSensor(host.paths, { signal: signal() });
  const energy = join(host.sys, 'class/drm/card1/device/hwmon/hwmon3/energy1_input');
  const watts = async () => (await sensor.read())?.[1]?.powerWatts;
  const earliestMs = performance.now();
  expect(await watts()).toBeNull();
  const latestMs = performance.now();
  await vi.waitFor(() => expect(performance.now() - latestMs).toBeGreaterThan(50), WAIT);
  await writeFile(energy, '15000000\n'); // 10 J more
  const thenMs = performance.now();
  const measured = await watts();
  expect(measured).toBeLessThan(10_000 / (thenMs - latestMs));
  expect(measured).toBeGreaterThan(10_000 / (performance.now() - earliestMs));
  await writeFile(energy, '1000\n');
  expect(await watts()).toBeNull();
});
