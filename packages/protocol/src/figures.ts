import { diskUsageRatio } from './disk-usage.ts';
import type { Measurements } from './measurements.ts';
import { rootFileSystem } from './status-texts.ts';

/** One number of a sample that lists, charts and `/metrics` show. */
type Figure = {
  /** Returns the number, in the unit of its name; `null` if it is unknown. */
  readonly read: (measurements: Measurements) => number | null;
  /** Decimals in a history. Absent: no history is kept. */
  readonly historyDecimals?: number;
  /**
   * Place in the summary of a target: `always`, as a size, or only while the target is `active`,
   * since a list shows no ages beside its numbers. Absent: none.
   */
  readonly inSummary?: 'always' | 'active';
  /** True for a figure that hubs of the previous version do not send. */
  readonly isNew?: true;
};

const root = rootFileSystem;

/**
 * The figures of a sample. Schemas, the summary of a target, its history and the hub's state derive
 * from this table; add a figure here. Values of the history keep this order.
 */
export const FIGURES = {
  uptimeSeconds: { read: ({ uptimeSeconds }) => uptimeSeconds, inSummary: 'active' },
  cpuUsageRatio: {
    read: ({ cpu }) => cpu?.usageRatio ?? null,
    historyDecimals: 4,
    inSummary: 'active',
  },
  cpuIowaitRatio: { read: ({ cpu }) => cpu?.iowaitRatio ?? null },
  cpuStealRatio: { read: ({ cpu }) => cpu?.stealRatio ?? null },
  load1Minute: {
    read: ({ loadAverage }) => loadAverage?.last1Minute ?? null,
    historyDecimals: 2,
    inSummary: 'active',
  },
  memoryTotalBytes: { read: ({ memory }) => memory?.totalBytes ?? null, inSummary: 'always' },
  memoryUsedBytes: {
    read: ({ memory }) => memory?.usedBytes ?? null,
    historyDecimals: 0,
    inSummary: 'active',
  },
  swapTotalBytes: { read: ({ swap }) => swap?.totalBytes ?? null },
  swapUsedBytes: { read: ({ swap }) => swap?.usedBytes ?? null, historyDecimals: 0 },
  /** The file system of `/`. */
  diskTotalBytes: { read: (measurements) => root(measurements)?.totalBytes ?? null, inSummary: 'always' },
  diskUsedBytes: {
    read: (measurements) => root(measurements)?.usedBytes ?? null,
    historyDecimals: 0,
    inSummary: 'active',
  },
  /** Space that an unprivileged user can still write. */
  diskAvailableBytes: {
    read: (measurements) => root(measurements)?.availableBytes ?? null,
    inSummary: 'active',
    isNew: true,
  },
  /** used / (used + available), as `df` computes it. */
  diskUsageRatio: {
    read: (measurements) => diskUsageRatio(root(measurements)),
    inSummary: 'active',
    isNew: true,
  },
  readBytesPerSecond: { read: ({ disks }) => disks?.readBytesPerSecond ?? null, historyDecimals: 0 },
  writtenBytesPerSecond: { read: ({ disks }) => disks?.writtenBytesPerSecond ?? null, historyDecimals: 0 },
  receivedBytesPerSecond: {
    read: ({ network }) => network?.receivedBytesPerSecond ?? null,
    historyDecimals: 0,
    inSummary: 'active',
  },
  sentBytesPerSecond: {
    read: ({ network }) => network?.sentBytesPerSecond ?? null,
    historyDecimals: 0,
    inSummary: 'active',
  },
  /** The hottest sensor. */
  temperatureCelsius: {
    read: ({ temperatures }) => highest(temperatures, (sensor) => sensor.temperatureCelsius),
    historyDecimals: 1,
    inSummary: 'active',
  },
  /** The busiest GPU. */
  gpuUsageRatio: { read: ({ gpus }) => highest(gpus, (gpu) => gpu.usageRatio), historyDecimals: 4 },
  /** Total of all GPUs. */
  gpuMemoryUsedBytes: { read: ({ gpus }) => sum(gpus, (gpu) => gpu.memoryUsedBytes), historyDecimals: 0 },
  /** Share of the last 10 s in which some thread waited for the resource. */
  cpuPressureRatio: { read: ({ pressure }) => pressure?.cpu.some.avg10Ratio ?? null, historyDecimals: 4 },
  memoryPressureRatio: {
    read: ({ pressure }) => pressure?.memory.some.avg10Ratio ?? null,
    historyDecimals: 4,
  },
  ioPressureRatio: { read: ({ pressure }) => pressure?.io.some.avg10Ratio ?? null, historyDecimals: 4 },
} as const satisfies Record<string, Figure>;

export type FigureName = keyof typeof FIGURES;

type NamesWith<Property extends keyof Figure> = {
  [Name in FigureName]: (typeof FIGURES)[Name] extends Required<Pick<Figure, Property>> ? Name : never;
}[FigureName];

/** Figures that a history keeps. */
export type HistoryFigureName = NamesWith<'historyDecimals'>;
/** Figures in the summary of a target. */
export type SummaryFigureName = NamesWith<'inSummary'>;
/** Figures that hubs of the previous version do not send. */
export type NewFigureName = NamesWith<'isNew'>;

const ENTRIES = Object.entries(FIGURES) as [FigureName, Figure][];

export const FIGURE_NAMES: readonly FigureName[] = ENTRIES.map(([name]) => name);

/** The figures that a history keeps, in the order of its rows. */
export const HISTORY_FIGURES = ENTRIES.flatMap(([name, { read, historyDecimals: decimals }]) =>
  decimals === undefined ? [] : [{ name: name as HistoryFigureName, read, decimals }],
);

/** The figures in the summary of a target. */
export const SUMMARY_FIGURES = ENTRIES.flatMap(([name, { inSummary, isNew = false }]) =>
  inSummary === undefined
    ? []
    : [{ name: name as SummaryFigureName, isAlwaysKnown: inSummary === 'always', isNew }],
);

/** Writes the figures of a history's row from `at` on; NaN for what is unknown. */
export function writeHistoryRow(floats: Float32Array, at: number, measurements: Measurements): void {
  let place = at;
  for (const { read } of HISTORY_FIGURES) floats[place++] = read(measurements) ?? Number.NaN;
}

/** Returns the largest known value of a list; `null` if there is none. */
function highest<T>(list: readonly T[] | null, read: (entry: T) => number | null): number | null {
  let largest: number | null = null;
  for (const entry of list ?? []) {
    const value = read(entry);
    if (value !== null && (largest === null || value > largest)) largest = value;
  }
  return largest;
}

/** Returns the sum of the known values of a list; `null` if there is none. */
function sum<T>(list: readonly T[] | null, read: (entry: T) => number | null): number | null {
  let total: number | null = null;
  for (const entry of list ?? []) {
    const value = read(entry);
    if (value !== null) total = (total ?? 0) + value;
  }
  return total;
}
