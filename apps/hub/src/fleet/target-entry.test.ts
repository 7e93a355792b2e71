import { hostIdSchema, type Inventory, NOTHING_MEASURED, type Sample } from '@booner/protocol';
import { expect, it } from 'vitest';
import { TargetEntry } from './target-entry.ts';

const NOW = { monotonicMs: 1000, wallMs: 1_700_000_000_000 };
const gpu = { index: 0, vendor: 'nvidia', name: 'RTX', memoryTotalBytes: 10, powerWatts: null } as const;
const sample: Sample = {
  ...NOTHING_MEASURED,
  type: 'sample',
  host: hostIdSchema.parse('10.0.0.2'),
  instance: 'a',
  sequence: 1,
  sampledAtMs: NOW.wallMs,
  inventoryTakenAtMs: null,
  intervalMs: 3000,
  uptimeSeconds: 5,
  cpu: { usageRatio: 0.26, userRatio: 0, systemRatio: 0, iowaitRatio: 0, stealRatio: 0, cores: [] },
  fileSystems: [
    {
      ...{ mountPoint: '/', device: '/dev/vda', type: 'ext4', inodesTotal: null, inodesUsed: null },
      ...{ totalBytes: 100, usedBytes: 20, availableBytes: 60 },
    },
  ],
  gpus: [{ ...gpu, usageRatio: 0.5, memoryUsedBytes: 5, temperatureCelsius: 60 }],
};

function receiveOne(text = JSON.stringify(sample)) {
  const unseen = {
    label: null,
    labels: {},
    firstSeenAtMs: null,
    lastSeenAtMs: null,
    status: 'pending',
  } as const;
  const entry = new TargetEntry(sample.host, unseen);
  entry.receive(sample, text, NOW, 9000);
  return entry;
}

it('sums up the disk as `df` counts it, in bytes and as a ratio', () => {
  expect(receiveOne().summary()).toMatchObject({
    diskTotalBytes: 100,
    diskUsedBytes: 20,
    diskAvailableBytes: 60,
    diskUsageRatio: 0.25,
  });
});

it('sums up no metrics of a target that is not active, but its sizes and when it was seen', () => {
  const entry = receiveOne();
  expect(entry.summary()).toMatchObject({ cpuUsageRatio: 0.26, uptimeSeconds: 5 });
  entry.declareOffline();
  const { gpus, ...summary } = entry.summary();
  expect(summary).toMatchObject({
    status: 'offline',
    lastSeenAtMs: NOW.wallMs,
    uptimeSeconds: null,
    cpuUsageRatio: null,
    diskTotalBytes: 100,
    diskUsedBytes: null,
    diskAvailableBytes: null,
    diskUsageRatio: null,
  });
  expect(gpus).toEqual([
    { name: 'RTX', memoryTotalBytes: 10, usageRatio: null, memoryUsedBytes: null, temperatureCelsius: null },
  ]);
  // Version 1 keeps the last load, and the full detail the sample with its time.
  expect(JSON.parse(entry.version1Json()).load).toBe(0.26);
  expect(JSON.parse(entry.json('full')).sample).toEqual(sample);
});

it('encodes its texts anew after every change', () => {
  const inventory: Inventory = {
    takenAtMs: 7,
    hostname: 'web-1',
    cpu: null,
    memoryTotalBytes: null,
    gpus: [],
    os: { platform: 'linux', name: null, kernel: null, architecture: 'x64' },
    virtualization: null,
    label: 'web server',
    labels: {},
    agentVersion: '0.1.0',
  };
  const registration = {
    label: 'db',
    labels: {},
    firstSeenAtMs: 1,
    lastSeenAtMs: 2,
    status: 'offline',
  } as const;
  const receive = (entry: TargetEntry, change: Partial<Sample>, monotonicMs: number) =>
    entry.receive(
      { ...sample, ...change },
      JSON.stringify({ ...sample, ...change }),
      { ...NOW, monotonicMs },
      9000,
    );
  const changes: readonly [string, (entry: TargetEntry) => unknown][] = [
    ['a sample', (entry) => receive(entry, { uptimeSeconds: 6 }, 2000)],
    ['a second agent', (entry) => receive(entry, { instance: 'b', uptimeSeconds: 7 }, 3000)],
    ['a conflict', (entry) => receive(entry, { uptimeSeconds: 8 }, 4000)],
    ['an agent that left', (entry) => entry.leave('b')],
    ['a second agent again', (entry) => receive(entry, { instance: 'b', uptimeSeconds: 9 }, 5000)],
    ['a conflict again', (entry) => receive(entry, { uptimeSeconds: 10 }, 6000)],
    ['an agent that fell silent', (entry) => entry.forgetSilentAgents(14_500, 9000)],
    ['a description', (entry) => entry.describe(inventory)],
    ['a stored inventory', (entry) => entry.recall(null, { ...inventory, takenAtMs: 8, label: 'web' })],
    ['a registration', (entry) => entry.merge(registration)],
    ['labels', (entry) => entry.merge({ ...registration, labels: { role: 'db' } })],
    ['silence', (entry) => entry.declareOffline()],
  ];
  const entry = receiveOne();
  let before = entry.json('full');
  for (const [what, change] of changes) {
    change(entry);
    const after = entry.json('full');
    expect(after, what).not.toBe(before);
    expect(JSON.parse(entry.json('summary')), what).toEqual(entry.summary());
    before = after;
  }
});

it('shows of a sample only what its schema knows, whatever else its text holds', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const text = JSON.stringify(sample).replace('{', `{"extra":${deep},"uptimeSeconds":${deep},`);
  const entry = receiveOne(text);
  const shown = JSON.parse(entry.json('full'));
  expect(shown.sample).toEqual(sample);
});
