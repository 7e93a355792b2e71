import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Sampler, startSampler } from '../sampler.ts';
import { openRecordedHost, type RecordedHost } from '../testing/recorded-host.ts';
import type { StatfsFigures } from './statfs-guard.ts';

const signal = AbortSignal.timeout(60_000);

/** Opens a recorded host, changes it, and starts a sampler on it. */
async function openChanged(
  name: string,
  files: Record<string, string | null>,
): Promise<AsyncDisposable & { host: RecordedHost; sampler: Sampler; change: typeof change }> {
  const stack = new AsyncDisposableStack();
  const host = stack.use(await openRecordedHost(name));
  const root = dirname(host.roots.proc);
  async function change(changes: Record<string, string | null>): Promise<void> {
    for (const [name, text] of Object.entries(changes)) {
      const path = join(root, name);
      if (text === null) await rm(path, { recursive: true });
      else {
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, text);
      }
    }
  }
  await change(files);
  const sampler = stack.use(await startSampler(host, { signal }));
  return { host, sampler, change, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('files that are missing or hold something else cost their own part, with the reason', async () => {
  await using opened = await openChanged('small-vm', {
    'proc/stat': 'nothing\n',
    'proc/loadavg': 'high\n',
    'proc/uptime': '',
    'proc/meminfo': 'MemTotal: 5 kB\n',
    'proc/net/dev': null,
    'proc/self/mountinfo': null,
    'proc/pressure/io': 'full of it\n',
  });
  const { unavailable, ...parts } = await opened.sampler.sample();
  expect(unavailable).toMatchObject({
    cpu: '/proc/stat lists no CPU',
    processes: '/proc/stat has no procs_running',
    loadAverage: '/proc/loadavg does not hold three numbers',
    uptimeSeconds: '/proc/uptime does not start with a number',
    memory: '/proc/meminfo has no MemFree',
    network: expect.stringContaining('ENOENT'),
    fileSystems: expect.stringContaining('ENOENT'),
    pressure: '/proc/pressure has no line "some"',
  });
  for (const part of Object.keys(unavailable)) expect(parts).toHaveProperty(part, null);
  expect(parts.swap).toBeNull(); // a kernel without swap says nothing about it
});

test('in a container that sees the whole tree of control groups its own path locates its limits', async () => {
  await using opened = await openChanged('many-core', {
    'proc/self/cgroup': '0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-0123456789abcdef.scope\n',
    'sys/fs/cgroup/kubepods.slice/kubepods-pod1.slice/cri-containerd-0123456789abcdef.scope/cpu.max':
      'max 100000\n',
    'sys/fs/cgroup/kubepods.slice/kubepods-pod1.slice/cri-containerd-0123456789abcdef.scope/memory.max':
      '1048576\n',
  });
  expect((await opened.sampler.sample()).cgroup).toEqual({
    version: 2,
    cpuLimitCores: null,
    cpuUsageCores: null,
    memoryLimitBytes: 1048576,
    memoryUsedBytes: null,
    processLimit: null,
    processCount: null,
  });
});

test("in a container that sees the host's root, file systems are the host's, and its own limits are ignored", async () => {
  await using host = await openRecordedHost('container-cgroup-v2');
  await mkdir(join(host.roots.proc, '1'), { recursive: true });
  await writeFile(
    join(host.roots.proc, '1/mountinfo'),
    '22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n23 22 8:17 / /srv/data rw shared:2 - xfs /dev/sdb1 rw\n',
  );
  const asked: string[] = [];
  const statfs = async (path: string): Promise<StatfsFigures> => {
    asked.push(path);
    return { bsize: 4096, blocks: 1000, bfree: 500, bavail: 400, files: 10, ffree: 5 };
  };
  await using sampler = await startSampler({ ...host, hostRoot: '/host', statfs }, { signal });
  const { fileSystems, cgroup } = await sampler.sample();
  expect(fileSystems).toMatchObject([
    { mountPoint: '/', device: '/dev/sda1', totalBytes: 4_096_000, usedBytes: 2_048_000 },
    { mountPoint: '/srv/data', device: '/dev/sdb1' },
  ]);
  expect([...new Set(asked)].sort()).toEqual(['/host/', '/host/srv/data']);
  expect(cgroup).toBeNull();
});

test('without /sys the interface of a container still counts, and partitions are recognized by their names', async () => {
  await using opened = await openChanged('container-cgroup-v2', { sys: null });
  const { host, sampler, change } = opened;
  await host.show(3);
  await change({ sys: null });
  const { network, disks } = await sampler.sample();
  // Interfaces on the bridge cannot be distinguished from the way out.
  expect(network?.interfaces.map(({ kind }) => kind)).toEqual(['loopback', 'virtual', 'virtual', 'virtual']);
  expect(network?.receivedBytesPerSecond).toBeGreaterThanOrEqual(20_000);
  expect(disks?.devices.map(({ device }) => device)).toEqual(['sda']);
});

test('of very many virtual interfaces the busiest are listed', async () => {
  const line = (name: string, bytes: number) => `${name}: ${bytes} 1 0 0 0 0 0 0 ${bytes} 1 0 0 0 0 0 0\n`;
  const dev = (k: number) =>
    `\n\n${line('lo', 5 + k)}${line('eth0', 9 + k)}${Array.from({ length: 200 }, (_, i) => line(`veth${i}`, 7 + i * 300 * k)).join('')}`;
  await using opened = await openChanged('small-vm', { 'proc/net/dev': dev(0) });
  const { host, sampler, change } = opened;
  await host.show(3);
  await change({ 'proc/net/dev': dev(1) });
  const interfaces = (await sampler.sample()).network?.interfaces ?? [];
  expect(interfaces).toHaveLength(66);
  expect(interfaces.map((entry) => entry.interface)).toEqual(
    expect.arrayContaining(['lo', 'eth0', 'veth199', 'veth136']),
  );
});

test('a temperature that cannot be read is left out; if none can be read, the reason is given', async () => {
  await using opened = await openChanged('raspberry-pi', {
    'sys/class/hwmon/hwmon0/name': 'one\n',
    'sys/class/hwmon/hwmon0/temp1_input': '41250\n',
    'sys/class/hwmon/hwmon0/temp2_input/is-a-folder': '',
    'sys/class/hwmon/hwmon0/temp3_input': '-128000\n',
  });
  const { host, sampler, change } = opened;
  const expected = [{ chip: 'one', label: 'temp1', temperatureCelsius: 41.3, criticalCelsius: null }];
  expect((await sampler.sample()).temperatures).toEqual(expected);

  await change({ 'sys/class/hwmon/hwmon0/temp1_input': 'rubbish' });
  expect((await sampler.sample()).temperatures).toEqual(expected); // not read again so soon
  await host.show(3); // the folder of the chip is gone, and what is left of the file holds rubbish
  const { temperatures, unavailable } = await sampler.sample();
  expect(temperatures).toBeNull();
  expect(unavailable.temperatures).toMatch(/^E\w+: /);
});

test('a mount that hangs is listed with the reason, and a sample does not wait for it twice', async () => {
  await using host = await openRecordedHost('many-core');
  let nowMs = 0;
  let calls = 0;
  const statfs = (mountPoint: string): Promise<StatfsFigures> => {
    if (mountPoint !== '/home') return host.statfs(mountPoint);
    calls += 1;
    return new Promise(() => {});
  };
  const options = { ...host, monotonicNow: () => nowMs, statfs };
  await using sampler = await startSampler(options, { signal });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }); // nothing is waited for from now on
  onTestFinished(() => void vi.useRealTimers());
  for (nowMs = 3000; nowMs <= 30_000; nowMs += 3000) {
    const { fileSystems } = await sampler.sample();
    const reasons = fileSystems?.map(({ mountPoint, unavailable }) => [mountPoint, unavailable]);
    expect(reasons).toEqual([
      ['/', undefined],
      ['/boot/efi', undefined],
      ['/data', undefined],
      ['/home', `no answer for ${nowMs / 1000} s`],
      ['/mnt/team share', 'not asked, because /home does not answer'],
    ]);
  }
  expect(calls).toBe(1);
});
