import { z } from 'zod';

// Ranges are declared here and checked by `figure-ranges.ts` in one pass over the whole sample. A
// hub parses thousands of samples a second, and a check per number took longer than the rest of the
// schema. The size of the message bounds all sizes.
const amount = z.number().meta({ minimum: 0 });
const count = z.number().meta({ minimum: 0, multipleOf: 1 });
const ratio = z.number().meta({ minimum: 0, maximum: 1 });
const name = z.string();

const cpuShares = {
  /**
   * Share of time not idle: user + system + steal + time used by guests of this host. Waiting for
   * I/O counts as idle.
   */
  usageRatio: ratio,
  /** User and nice time without guest time, which the kernel counts twice. */
  userRatio: ratio,
  /** Kernel, interrupt and soft-interrupt time. */
  systemRatio: ratio,
  iowaitRatio: ratio,
  stealRatio: ratio,
};

const cpuSchema = z.object({
  ...cpuShares,
  cores: z.array(z.object({ core: count, ...cpuShares })),
});

const fileSystemSchema = z.object({
  mountPoint: z.string(),
  device: z.string(),
  type: name,
  totalBytes: amount.nullable(),
  /** total - free, where free includes space reserved for root. */
  usedBytes: amount.nullable(),
  /**
   * Space that an ordinary user can still write. Less than total - used if blocks are reserved for
   * root.
   */
  availableBytes: amount.nullable(),
  inodesTotal: amount.nullable(),
  inodesUsed: amount.nullable(),
  /** Reason why the figures are `null`, such as a mount that does not respond. */
  unavailable: z.string().optional(),
});

const diskRates = {
  readBytesPerSecond: amount,
  writtenBytesPerSecond: amount,
  readsPerSecond: amount,
  writesPerSecond: amount,
};

const networkRates = {
  receivedBytesPerSecond: amount,
  sentBytesPerSecond: amount,
};

const pressureStall = z.object({ avg10Ratio: ratio, avg60Ratio: ratio, avg300Ratio: ratio });
/** `full` is `null` if the kernel does not report it (CPU before Linux 5.13). */
const pressureResource = z.object({ some: pressureStall, full: pressureStall.nullable() });

const gpuSchema = z.object({
  index: count,
  vendor: z.enum(['nvidia', 'amd', 'intel']),
  name,
  usageRatio: ratio.nullable(),
  memoryTotalBytes: amount.nullable(),
  memoryUsedBytes: amount.nullable(),
  temperatureCelsius: z.number().nullable(),
  powerWatts: amount.nullable(),
});

/**
 * All measurements of one host at one instant. A part that could not be read is `null`, and
 * `unavailable` gives the reason under the part's name. Rates are means since the previous sample.
 */
export const measurementsSchema = z.object({
  uptimeSeconds: amount.nullable(),
  cpu: cpuSchema.nullable(),
  loadAverage: z.object({ last1Minute: amount, last5Minutes: amount, last15Minutes: amount }).nullable(),
  /**
   * `usedBytes` = total - available, using the kernel's estimate of available memory
   * (MemAvailable).
   */
  memory: z
    .object({
      totalBytes: amount,
      usedBytes: amount,
      availableBytes: amount,
      buffersBytes: amount.nullable(),
      cachedBytes: amount.nullable(),
    })
    .nullable(),
  swap: z.object({ totalBytes: amount, usedBytes: amount }).nullable(),
  fileSystems: z.array(fileSystemSchema).nullable(),
  disks: z
    .object({
      ...diskRates,
      devices: z.array(
        z.object({ device: name, ...diskRates, /** Share of time with I/O in flight. */ busyRatio: ratio }),
      ),
    })
    .nullable(),
  /**
   * Totals count physical interfaces only, so that a byte through a bridge or container counts
   * once.
   */
  network: z
    .object({
      ...networkRates,
      interfaces: z.array(
        z.object({
          interface: name,
          kind: z.enum(['physical', 'loopback', 'virtual']),
          ...networkRates,
          receivedPacketsPerSecond: amount,
          sentPacketsPerSecond: amount,
          errorsPerSecond: amount,
          dropsPerSecond: amount,
        }),
      ),
    })
    .nullable(),
  temperatures: z
    .array(
      z.object({
        /** hwmon chip, such as `coretemp`. */
        chip: name,
        /** hwmon label, such as `Package id 0`. */
        label: name,
        temperatureCelsius: z.number(),
        criticalCelsius: z.number().nullable(),
      }),
    )
    .nullable(),
  /** `running` and `blocked` count threads, like the kernel. */
  processes: z.object({ total: count, running: count, blocked: count }).nullable(),
  pressure: z.object({ cpu: pressureResource, memory: pressureResource, io: pressureResource }).nullable(),
  /**
   * Limits of the control group that the sampler runs in. A `null` limit means unlimited. `null`
   * outside a container.
   */
  cgroup: z
    .object({
      version: z.union([z.literal(1), z.literal(2)]),
      cpuLimitCores: amount.nullable(),
      cpuUsageCores: amount.nullable(),
      memoryLimitBytes: amount.nullable(),
      memoryUsedBytes: amount.nullable(),
      processLimit: count.nullable(),
      processCount: count.nullable(),
    })
    .nullable(),
  /** Empty if the host has no GPU. */
  gpus: z.array(gpuSchema).nullable(),
  /**
   * Maps a part of the sample to the reason why it is `null`. Parts that the host does not have
   * (`cgroup`, `pressure`) need no reason.
   */
  unavailable: z.record(name, z.string()),
});

export type Measurements = z.infer<typeof measurementsSchema>;
export type CpuMeasurement = NonNullable<Measurements['cpu']>;
export type FileSystemMeasurement = z.infer<typeof fileSystemSchema>;
export type GpuMeasurement = z.infer<typeof gpuSchema>;
