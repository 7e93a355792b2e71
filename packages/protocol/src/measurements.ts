import { z } from 'zod';

// The ranges are stated here and held by `figure-ranges.ts` in one pass over the whole: a hub judges thousands of samples a second,
// and a check on each number took longer than everything else in the schema. Sizes are bounded by that of the message.
const amount = z.number().meta({ minimum: 0 });
const count = z.number().meta({ minimum: 0, multipleOf: 1 });
const ratio = z.number().meta({ minimum: 0, maximum: 1 });
const name = z.string();

const cpuShares = {
  /** Share of time not idle, waiting for I/O counting as idle: user + system + steal + what guests of this host used. */
  usageRatio: ratio,
  /** User and nice time, without the time of guests, which the kernel counts twice. */
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
  /** total - free, where free includes what is reserved for root. */
  usedBytes: amount.nullable(),
  /** What an ordinary user can still write: less than total - used where blocks are reserved for root. */
  availableBytes: amount.nullable(),
  inodesTotal: amount.nullable(),
  inodesUsed: amount.nullable(),
  /** Why the figures are `null`, such as a mount that does not answer. */
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
/** `full` is `null` where the kernel does not report it (CPU before Linux 5.13). */
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
 * One set of measurements of one host at one instant. A part that could not be read is `null`, and `unavailable` says why
 * under the part's name. Rates are means over the time since the sample before.
 */
export const measurementsSchema = z.object({
  uptimeSeconds: amount.nullable(),
  cpu: cpuSchema.nullable(),
  loadAverage: z.object({ last1Minute: amount, last5Minutes: amount, last15Minutes: amount }).nullable(),
  /** `usedBytes` = total - available, as the kernel estimates what is available (MemAvailable). */
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
  /** The totals count physical interfaces alone, so that a byte through a bridge or a container is counted once. */
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
  /** `running` and `blocked` count threads, as the kernel does. */
  processes: z.object({ total: count, running: count, blocked: count }).nullable(),
  pressure: z.object({ cpu: pressureResource, memory: pressureResource, io: pressureResource }).nullable(),
  /** Limits of the control group that the sampler runs in; `null` limits are unlimited. `null` outside a container. */
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
  /** Empty on a host without a GPU. */
  gpus: z.array(gpuSchema).nullable(),
  /** Part of the sample -> why it is `null`. A part that the host does not have (`cgroup`, `pressure`) needs no reason. */
  unavailable: z.record(name, z.string()),
});

export type Measurements = z.infer<typeof measurementsSchema>;
export type CpuMeasurement = NonNullable<Measurements['cpu']>;
export type FileSystemMeasurement = z.infer<typeof fileSystemSchema>;
export type GpuMeasurement = z.infer<typeof gpuSchema>;
