import type { Measurements, TargetHistory } from '@booner/protocol';
import { diskUsableBytes } from '@booner/protocol/disk-usage';
import type { HistoryFigureName } from '@booner/protocol/figures';
import { rootFileSystem } from '@booner/protocol/status-texts';
import { formatBytes, formatLoad, formatPercent, formatRate, formatTemperature } from '../format/numbers.ts';

/** A chart of metrics of a history. */
export type PlannedChart = {
  readonly title: string;
  readonly figures: readonly { readonly name: HistoryFigureName; readonly label: string }[];
  readonly format: (value: number) => string;
  readonly base?: 1024;
  readonly minTop?: number;
  readonly maxTop?: number;
};

export type ChartPlan = {
  readonly charts: readonly PlannedChart[];
  /** Parts that the host has but that could not be read. */
  readonly unavailable: readonly { readonly title: string; readonly reason: string }[];
};

type Draft = PlannedChart & {
  /** Returns true if the last sample has it. */
  readonly isThere: boolean;
  /** Name of the part in the sample's `unavailable`. */
  readonly part: keyof Measurements;
};

/** Returns the charts with data, now or in the last minutes. */
export function planCharts(history: TargetHistory | null, sample: Measurements | null): ChartPlan {
  const drafts = draftCharts(history, sample);
  const has = (name: HistoryFigureName) => history?.[name].some((value) => value !== null) ?? false;
  const charts = drafts.filter(({ isThere, figures }) => isThere || figures.some(({ name }) => has(name)));
  const unavailable = drafts.flatMap((draft) => {
    const reason = sample?.unavailable[draft.part];
    return reason === undefined || charts.includes(draft) ? [] : [{ title: draft.title, reason }];
  });
  return { charts, unavailable };
}

function draftCharts(history: TargetHistory | null, sample: Measurements | null): readonly Draft[] {
  const swapTotal = sample?.swap?.totalBytes ?? 0;
  const hasSwap = swapTotal > 0 || (history?.swapUsedBytes.some((bytes) => (bytes ?? 0) > 0) ?? false);
  const root = rootFileSystem(sample);
  const gpus = sample?.gpus ?? [];
  const gpuMemory = gpus.reduce((sum, { memoryTotalBytes }) => sum + (memoryTotalBytes ?? 0), 0);
  const isOne = gpus.length <= 1;
  return [
    {
      title: 'CPU',
      part: 'cpu',
      isThere: sample === null || sample.cpu !== null,
      figures: [{ name: 'cpuUsageRatio', label: 'used' }],
      format: formatPercent,
      minTop: 1,
      maxTop: 1,
    },
    {
      title: hasSwap ? 'Memory and swap' : 'Memory',
      part: 'memory',
      isThere: sample === null || sample.memory !== null,
      figures: [
        { name: 'memoryUsedBytes', label: 'memory' },
        ...(hasSwap ? [{ name: 'swapUsedBytes', label: 'swap' } as const] : []),
      ],
      format: formatBytes,
      base: 1024,
      ...topOf(sample?.memory?.totalBytes),
    },
    {
      title: 'Load (1 min)',
      part: 'loadAverage',
      isThere: sample === null || sample.loadAverage !== null,
      figures: [{ name: 'load1Minute', label: 'load' }],
      format: formatLoad,
      minTop: 1,
    },
    {
      title: 'Network',
      part: 'network',
      isThere: sample === null || sample.network !== null,
      figures: [
        { name: 'receivedBytesPerSecond', label: 'received' },
        { name: 'sentBytesPerSecond', label: 'sent' },
      ],
      format: formatRate,
      base: 1024,
    },
    {
      title: 'Disk I/O',
      part: 'disks',
      isThere: sample === null || sample.disks !== null,
      figures: [
        { name: 'readBytesPerSecond', label: 'read' },
        { name: 'writtenBytesPerSecond', label: 'written' },
      ],
      format: formatRate,
      base: 1024,
    },
    {
      title: 'Disk use of /',
      part: 'fileSystems',
      isThere: sample === null || root !== null,
      figures: [{ name: 'diskUsedBytes', label: 'used' }],
      format: formatBytes,
      base: 1024,
      ...topOf(diskUsableBytes(root)),
    },
    {
      title: 'Temperature, hottest sensor',
      part: 'temperatures',
      isThere: (sample?.temperatures?.length ?? 0) > 0,
      figures: [{ name: 'temperatureCelsius', label: 'hottest' }],
      format: formatTemperature,
      minTop: 50,
    },
    {
      title: isOne ? 'GPU' : 'GPU, busiest',
      part: 'gpus',
      isThere: gpus.some(({ usageRatio }) => usageRatio !== null),
      figures: [{ name: 'gpuUsageRatio', label: 'used' }],
      format: formatPercent,
      minTop: 1,
      maxTop: 1,
    },
    {
      title: isOne ? 'GPU memory' : 'GPU memory, all GPUs',
      part: 'gpus',
      isThere: gpus.some(({ memoryUsedBytes }) => memoryUsedBytes !== null),
      figures: [{ name: 'gpuMemoryUsedBytes', label: 'used' }],
      format: formatBytes,
      base: 1024,
      ...topOf(gpuMemory),
    },
    {
      title: 'Pressure',
      part: 'pressure',
      isThere: sample !== null && sample.pressure !== null,
      figures: [
        { name: 'cpuPressureRatio', label: 'CPU' },
        { name: 'memoryPressureRatio', label: 'memory' },
        { name: 'ioPressureRatio', label: 'I/O' },
      ],
      format: formatPercent,
      minTop: 0.1,
      maxTop: 1,
    },
  ];
}

/** Ends the axis at a size, if it is known. */
const topOf = (totalBytes: number | null | undefined) => (totalBytes ? { minTop: totalBytes } : {});
