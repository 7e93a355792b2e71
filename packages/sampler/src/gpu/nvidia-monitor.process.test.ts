import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { createFakeNvidiaSmi, type FakeNvidiaSmi, replay, sayAndEnd } from '../testing/fake-nvidia-smi.ts';
import { type NvidiaMonitorOptions, startNvidiaMonitor } from './nvidia-monitor.ts';

const recorded = (name: string) => readFileSync(join(import.meta.dirname, '__fixtures__', name), 'utf8');
const FOUR_GPUS = recorded('nvidia-four-gpus.txt');
const WAIT = { timeout: 15_000, interval: 20 };

const start = (
  fake: Pick<FakeNvidiaSmi, 'command'>,
  options: NvidiaMonitorOptions = {},
  signal?: AbortSignal,
) =>
  startNvidiaMonitor(
    { command: fake.command, intervalMs: 200, restart: { minMs: 1, maxMs: 100 }, ...options },
    { signal: signal ?? new AbortController().signal },
  );

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

it('reads instant after instant from one process, and ends it on disposal', async () => {
  await using fake = await createFakeNvidiaSmi(replay(FOUR_GPUS, { gpus: 4, everyMs: 200 }));
  const monitor = await start(fake);
  const names = [
    'NVIDIA H100 80GB HBM3',
    'NVIDIA H100 80GB HBM3',
    'NVIDIA H100 80GB HBM3',
    'NVIDIA GeForce RTX 3080',
  ];
  await vi.waitFor(async () => expect((await monitor.read()).map(({ name }) => name)).toEqual(names), WAIT);
  for (const celsius of [65, 67, 65, 67]) {
    await vi.waitFor(async () => expect((await monitor.read())[3]?.temperatureCelsius).toBe(celsius), WAIT);
  }
  const starts = await fake.starts();
  expect(starts).toHaveLength(1);
  expect(starts[0]?.args).toContain('--loop-ms=200');
  const { pid } = starts[0]!;
  expect(isAlive(pid)).toBe(true);
  await monitor[Symbol.asyncDispose]();
  expect(isAlive(pid)).toBe(false);
  await expect(monitor.read()).rejects.toThrow('stopped');
});

it('ends the process when the signal aborts', async () => {
  await using fake = await createFakeNvidiaSmi(replay(FOUR_GPUS, { gpus: 4, everyMs: 200 }));
  const abort = new AbortController();
  await using monitor = await start(fake, {}, abort.signal);
  await vi.waitFor(async () => expect(await monitor.read()).toHaveLength(4), WAIT);
  const { pid } = (await fake.starts())[0]!;
  abort.abort();
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), WAIT);
});

it('starts it again when it dies', async () => {
  await using fake = await createFakeNvidiaSmi(replay(FOUR_GPUS, { gpus: 4, everyMs: 200 }));
  await using monitor = await start(fake);
  await vi.waitFor(async () => expect(await monitor.read()).toHaveLength(4), WAIT);
  process.kill((await fake.starts())[0]!.pid, 'SIGKILL');
  await vi.waitFor(async () => expect(await fake.starts()).toHaveLength(2), WAIT);
  await vi.waitFor(async () => expect(await monitor.read()).toHaveLength(4), WAIT);
});

it('does not pass a stale reading for a live one, and replaces a process that fell silent', async () => {
  const oneInstant = FOUR_GPUS.split('\n').slice(0, 4).join('\n');
  await using fake = await createFakeNvidiaSmi(`
    if (sinceStarts === 0) { print(${JSON.stringify(`${oneInstant}\n`)}); setInterval(() => {}, 1000); }
    else { ${replay(FOUR_GPUS, { gpus: 4, everyMs: 200 })} }`);
  await using monitor = await start(fake);
  await vi.waitFor(async () => expect(await monitor.read()).toHaveLength(4), WAIT);
  await vi.waitFor(
    () => expect(monitor.read()).rejects.toThrow(/nvidia-smi has (said|reported) nothing/),
    WAIT,
  );
  await vi.waitFor(async () => expect(await monitor.read()).toHaveLength(4), WAIT);
  const starts = await fake.starts();
  expect(starts).toHaveLength(2);
  expect(isAlive(starts[0]!.pid)).toBe(false);
});

it.each([
  [
    'nvidia-driver-error.txt',
    9,
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.",
  ],
  ['nvidia-version-mismatch.txt', 18, 'Failed to initialize NVML: Driver/library version mismatch'],
])(
  'gives the words of %s as the reason, and does not try again at each read',
  async (name, exitCode, words) => {
    await using fake = await createFakeNvidiaSmi(sayAndEnd(recorded(name), exitCode));
    await using monitor = await start(fake, { restart: { minMs: 1, maxMs: 60_000 }, random: () => 1 });
    await vi.waitFor(() => expect(monitor.read()).rejects.toThrow(new Error(words)), WAIT);
    // Another one, which says nothing of a driver, is tried again and again meanwhile.
    await using mute = await createFakeNvidiaSmi('process.exitCode = 3;');
    await using other = await start(mute, { restart: { minMs: 1, maxMs: 60_000 }, random: () => 1 });
    await vi.waitFor(async () => expect((await mute.starts()).length).toBeGreaterThan(3), WAIT);
    await expect(other.read()).rejects.toThrow('nvidia-smi ended');
    for (let n = 0; n < 50; n += 1) await expect(monitor.read()).rejects.toThrow(new Error(words));
    expect(await fake.starts()).toHaveLength(1);
  },
);

it('tries again in the end after a driver error, and reports once the driver works', async () => {
  await using fake = await createFakeNvidiaSmi(
    `if (sinceStarts < 2) { ${sayAndEnd(recorded('nvidia-driver-error.txt'), 9)} }
     else { ${replay(FOUR_GPUS, { gpus: 4, everyMs: 200 })} }`,
  );
  await using monitor = await start(fake);
  await vi.waitFor(() => expect(monitor.read()).rejects.toThrow('NVIDIA-SMI has failed'), WAIT);
  await vi.waitFor(async () => expect(await monitor.read()).toHaveLength(4), WAIT);
});

it('has no GPUs when the driver has none', async () => {
  await using fake = await createFakeNvidiaSmi(sayAndEnd(recorded('nvidia-no-devices.txt'), 6));
  await using monitor = await start(fake, { restart: { minMs: 1, maxMs: 60_000 }, random: () => 1 });
  await vi.waitFor(async () => expect(await monitor.read()).toEqual([]), WAIT);
});

it('names the command when it is not there', async () => {
  await using monitor = await start({ command: '/no/such/nvidia-smi' });
  await expect(monitor.read()).rejects.toThrow('/no/such/nvidia-smi was not found');
});

it('says how the process ended when it said nothing else', async () => {
  await using fake = await createFakeNvidiaSmi('process.exitCode = 3;');
  await using monitor = await start(fake, { random: () => 1 });
  await vi.waitFor(() => expect(monitor.read()).rejects.toThrow('nvidia-smi ended (exit code 3)'), WAIT);
});
