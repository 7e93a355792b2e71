import { type HostId, type Inventory, NOTHING_MEASURED, parseHostId, type Sample } from '@booner/protocol';

const GIB = 2 ** 30;
const CORES = 4;
const DISKS = ['vda', 'vdb'];
const INTERFACES = ['lo', 'eth0', 'docker0'];
const FILE_SYSTEM_BYTES = 64 * GIB;
const GPU = 'NVIDIA GeForce RTX 3080';
const GPU_MEMORY_BYTES = 10 * GIB;
const MOUNTS = ['/', '/var/lib/docker', '/srv/data'];
const TEMPERATURES = ['Composite', 'Package id 0', 'Core 0', 'Core 1'];

/** A small virtual machine as its agent would describe it. Nothing connects to its address. */
export type SimulatedHost = {
  readonly host: HostId;
  readonly inventory: Inventory;
  /** Returns the next sample. It differs from the last one in what changes on a real host. */
  nextSample(nowMs: number): Sample;
};

/** Properties of a host that differ from the default. */
export type HostShape = {
  readonly label?: string;
  readonly labels?: Inventory['labels'];
  /** CPU in use. Default: different in each sample, up to 0.8. */
  readonly cpuUsageRatio?: number;
  /**
   * CPU in use at a time. Memory, rates and temperatures follow it, so that charts look like those
   * of a real host. Default: all of them are random.
   */
  readonly loadAt?: (atMs: number) => number;
  /** Used share of `/`. Default: about a third. */
  readonly rootUsageRatio?: number;
  readonly hasGpu?: boolean;
  /** Default: 0.1.0. */
  readonly agentVersion?: string;
};

/** Returns the host of an index from 0 to 16 million. @throws RangeError for any other index */
export function createSimulatedHost(index: number, intervalMs: number, shape: HostShape = {}): SimulatedHost {
  const host = hostOf(index);
  const takenAtMs = Date.now();
  let sequence = 0;
  return {
    host,
    inventory: buildInventory(host, takenAtMs, shape),
    nextSample(nowMs) {
      sequence++;
      return buildSample({ host, index, sequence, nowMs, inventoryTakenAtMs: takenAtMs, intervalMs, shape });
    },
  };
}

export function hostOf(index: number): HostId {
  const host = parseHostId(`10.${(index >> 16) & 0xff}.${(index >> 8) & 0xff}.${index & 0xff}`);
  if (!host || index < 0 || index >= 2 ** 24) throw new RangeError(`no host ${index}`);
  return host;
}

type SampleOptions = {
  readonly host: HostId;
  readonly index: number;
  readonly sequence: number;
  readonly nowMs: number;
  readonly inventoryTakenAtMs: number;
  readonly intervalMs: number;
  readonly shape: HostShape;
};

function buildSample(options: SampleOptions): Sample {
  const { host, index, sequence, nowMs, inventoryTakenAtMs, intervalMs, shape } = options;
  const load = shape.cpuUsageRatio ?? shape.loadAt?.(nowMs) ?? Math.random() * 0.8;
  const level: Level = shape.loadAt === undefined ? Math.random : () => near(load);
  const cpu = {
    ...cpuShares(load),
    cores: Array.from({ length: CORES }, (_, core) => ({
      core,
      ...cpuShares(shape.loadAt === undefined ? load : near(load)),
    })),
  };
  const usedBytes = Math.round((2 + level()) * GIB);
  return {
    type: 'sample',
    host,
    instance: `bench${index}`,
    sequence,
    sampledAtMs: nowMs,
    inventoryTakenAtMs,
    intervalMs,
    ...NOTHING_MEASURED,
    uptimeSeconds: 86_400 + (sequence * intervalMs) / 1000,
    cpu,
    loadAverage: { last1Minute: digits(load * 4, 2), last5Minutes: 0.72, last15Minutes: 0.58 },
    memory: {
      totalBytes: 8 * GIB,
      usedBytes,
      availableBytes: 8 * GIB - usedBytes,
      buffersBytes: 214_011_904,
      cachedBytes: Math.round((1 + level()) * GIB),
    },
    swap: { totalBytes: 2 * GIB, usedBytes: 12_582_912 },
    fileSystems: MOUNTS.map((mountPoint, disk) => ({
      mountPoint,
      device: `/dev/vd${'ab'[disk % 2]}${disk + 1}`,
      type: 'ext4',
      totalBytes: FILE_SYSTEM_BYTES,
      ...usedSpace(mountPoint === '/' ? shape.rootUsageRatio : undefined, sequence),
      inodesTotal: 4_194_304,
      inodesUsed: 381_204 + sequence,
    })),
    disks: {
      ...diskRates(level),
      devices: DISKS.map((device) => ({
        device,
        ...diskRates(level),
        busyRatio: digits(level() * 0.2, 4),
      })),
    },
    network: {
      ...networkRates(level),
      interfaces: INTERFACES.map((name, kind) => ({
        interface: name,
        kind: (['loopback', 'physical', 'virtual'] as const)[kind] ?? 'virtual',
        ...networkRates(level),
        receivedPacketsPerSecond: rate(900, level),
        sentPacketsPerSecond: rate(700, level),
        errorsPerSecond: 0,
        dropsPerSecond: 0,
      })),
    },
    temperatures: TEMPERATURES.map((label, sensor) => ({
      chip: sensor === 0 ? 'nvme' : 'coretemp',
      label,
      temperatureCelsius: digits(40 + level() * 20, 1),
      criticalCelsius: 100,
    })),
    processes: { total: 180 + Math.round(Math.random() * 9), running: 1, blocked: 0 },
    pressure: { cpu: pressure(), memory: pressure(), io: pressure() },

    gpus: shape.hasGpu ? [gpu(load)] : [],
  };
}

function buildInventory(host: HostId, takenAtMs: number, shape: HostShape): Inventory {
  return {
    takenAtMs,
    hostname: `vm-${host.replaceAll('.', '-')}`,
    cpu: { model: 'Intel(R) Xeon(R) Gold 6230R', physicalCores: 4, logicalCores: CORES, clockGigahertz: 2.1 },
    memoryTotalBytes: 8 * GIB,
    gpus: shape.hasGpu ? [{ name: GPU, memoryTotalBytes: GPU_MEMORY_BYTES }] : [],
    os: {
      platform: 'linux',
      name: 'Debian GNU/Linux 12 (bookworm)',
      kernel: '6.1.0-28-amd64',
      architecture: 'x64',
    },
    virtualization: 'kvm',
    label: shape.label ?? null,
    labels: shape.labels ?? {},
    agentVersion: shape.agentVersion ?? '0.1.0',
  };
}

function usedSpace(usageRatio: number | undefined, sequence: number) {
  if (usageRatio === undefined) {
    return { usedBytes: 21_474_836_480 + sequence * 4096, availableBytes: 43_900_000_000 - sequence * 4096 };
  }
  const usedBytes = Math.round(usageRatio * FILE_SYSTEM_BYTES);
  return { usedBytes, availableBytes: FILE_SYSTEM_BYTES - usedBytes };
}

const gpu = (load: number) => ({
  index: 0,
  vendor: 'nvidia' as const,
  name: GPU,
  usageRatio: digits(load, 2),
  memoryTotalBytes: GPU_MEMORY_BYTES,
  memoryUsedBytes: Math.round((6 + Math.random()) * GIB),
  temperatureCelsius: digits(55 + Math.random() * 10, 0),
  powerWatts: digits(180 + Math.random() * 40, 1),
});

function cpuShares(load: number) {
  const usageRatio = digits(load, 4);
  const systemRatio = digits(load * 0.25, 4);
  return {
    usageRatio,
    userRatio: digits(usageRatio - systemRatio, 4),
    systemRatio,
    iowaitRatio: 0.0067,
    stealRatio: 0,
  };
}

function diskRates(level: Level) {
  return {
    readBytesPerSecond: rate(400_000, level),
    writtenBytesPerSecond: rate(2_000_000, level),
    readsPerSecond: rate(40, level),
    writesPerSecond: rate(90, level),
  };
}

const networkRates = (level: Level) => ({
  receivedBytesPerSecond: rate(900_000, level),
  sentBytesPerSecond: rate(600_000, level),
});

const stall = () => ({
  avg10Ratio: digits(Math.random() * 0.02, 4),
  avg60Ratio: 0.0041,
  avg300Ratio: 0.0038,
});

const pressure = () => ({ some: stall(), full: stall() });

/** Returns how busy something is in this sample, 0 to 1. */
type Level = () => number;

/** Returns a random share at most 0.05 away from another one. */
const near = (ratio: number): number => Math.min(1, Math.max(0, ratio + (Math.random() - 0.5) * 0.1));

const rate = (most: number, level: Level): number => digits(level() * most, 1);

const digits = (value: number, count: number): number => Number(value.toFixed(count));
