import { type HostId, hostIdSchema, type Inventory, NOTHING_MEASURED, type Sample } from '@booner/protocol';

export const HOST = hostIdSchema.parse('10.0.0.2');
export const OTHER_HOST = hostIdSchema.parse('10.0.0.3');

/** A sample of a host of which little is known. */
export const makeSample = (changes: Partial<Sample> = {}): Sample => ({
  type: 'sample',
  host: HOST,
  instance: 'instance-1',
  sequence: 1,
  sampledAtMs: 1_795_000_000_000,
  inventoryTakenAtMs: null,
  intervalMs: 3000,
  ...NOTHING_MEASURED,
  uptimeSeconds: 12_345.67,
  cpu: { usageRatio: 0.25, userRatio: 0.2, systemRatio: 0.05, iowaitRatio: 0, stealRatio: 0, cores: [] },
  loadAverage: { last1Minute: 0.5, last5Minutes: 0.4, last15Minutes: 0.3 },
  gpus: [],
  unavailable: { memory: 'EACCES: permission denied, open /proc/meminfo' },
  ...changes,
});

/** Samples of one instance, numbered from 1. */
export const makeSamples = (count: number, host: HostId = HOST): Sample[] =>
  Array.from({ length: count }, (_, index) => makeSample({ host, sequence: index + 1 }));

export const makeInventory = (changes: Partial<Inventory> = {}): Inventory => ({
  takenAtMs: 1_795_000_000_000,
  hostname: 'target-2',
  cpu: { model: 'Example CPU', physicalCores: 4, logicalCores: 8, clockGigahertz: 3.8 },
  memoryTotalBytes: 2 ** 35,
  gpus: [],
  os: { platform: 'linux', name: 'Debian GNU/Linux 12 (bookworm)', kernel: '6.1.0', architecture: 'x64' },
  virtualization: null,
  label: 'Größe 中',
  labels: { rack: '4, left' },
  agentVersion: '0.1.0',
  ...changes,
});
