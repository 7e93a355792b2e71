import type { TargetSummary } from '@booner/protocol';
import { compareHosts } from '@booner/protocol/compare-hosts';
import {
  columnVisibilityFeature,
  createColumnHelper,
  createSortedRowModel,
  metaHelper,
  rowSortingFeature,
  sortFn_basic,
  tableFeatures,
} from '@tanstack/react-table';
import { COLUMN_IDS, type ColumnId, type FleetSort } from './fleet-search.ts';
import { figuresOf, type TargetFigures } from './target-figures.ts';

type ColumnMeta = {
  /** Short name, for the head of the table. */
  readonly title: string;
  /** Full name, for menus and screen readers. */
  readonly name: string;
  readonly isNumber: boolean;
  readonly widthPx: number;
  /** Width in compact rows, if it differs. */
  readonly compactWidthPx?: number;
};

export const fleetFeatures = tableFeatures({
  rowSortingFeature,
  columnVisibilityFeature,
  sortedRowModel: createSortedRowModel(),
  columnMeta: metaHelper<ColumnMeta>(),
});

/** Narrowest useful bar of a share. */
const BAR_PX = 108;

export const COLUMNS: Readonly<Record<ColumnId, ColumnMeta>> = {
  status: { title: 'Status', name: 'Status', isNumber: false, widthPx: 92 },
  host: { title: 'Host', name: 'Host', isNumber: false, widthPx: 112 },
  label: { title: 'Label', name: 'Label', isNumber: false, widthPx: 132 },
  cpu: { title: 'CPU', name: 'CPU', isNumber: true, widthPx: BAR_PX },
  recent: { title: 'CPU, 5 min', name: 'CPU, last 5 minutes', isNumber: false, widthPx: 96 },
  day: { title: '24 h', name: 'Last 24 hours', isNumber: false, widthPx: 120 },
  memory: { title: 'RAM', name: 'Memory', isNumber: true, widthPx: BAR_PX },
  disk: { title: 'Disk', name: 'Disk (/)', isNumber: true, widthPx: BAR_PX },
  network: { title: 'Net ↓/↑', name: 'Network', isNumber: true, widthPx: 108, compactWidthPx: 192 },
  load: { title: 'Load', name: 'Load (1 min)', isNumber: true, widthPx: 72 },
  gpu: { title: 'GPU', name: 'GPU', isNumber: true, widthPx: BAR_PX },
  temperature: { title: 'Temp', name: 'Temperature', isNumber: true, widthPx: 72 },
  uptime: { title: 'Up', name: 'Uptime', isNumber: true, widthPx: 84 },
  seen: { title: 'Seen', name: 'Last seen', isNumber: true, widthPx: 104 },
};

const column = createColumnHelper<typeof fleetFeatures, TargetSummary>();

/** Sorts by a number: largest first, and unknown ones last in both directions. */
const byFigure = (id: ColumnId, read: (figures: TargetFigures) => number | null) =>
  column.accessor((target) => read(figuresOf(target)) ?? undefined, {
    id,
    meta: COLUMNS[id],
    sortFn: sortFn_basic,
    sortUndefined: 'last',
  });

const sum = (a: number | null, b: number | null): number | null =>
  a === null && b === null ? null : (a ?? 0) + (b ?? 0);

/** For the table, whose rows arrive in the order of trouble. */
export const fleetColumns = column.columns([
  // The order of trouble is that of the status, and can be reversed.
  column.accessor('status', { id: 'status', meta: COLUMNS.status, sortFn: (a, b) => a.index - b.index }),
  column.accessor('host', {
    id: 'host',
    meta: COLUMNS.host,
    sortFn: (a, b) => compareHosts(a.original.host, b.original.host),
  }),
  column.accessor(({ label }) => label ?? undefined, {
    id: 'label',
    meta: COLUMNS.label,
    sortFn: (a, b) => compareHosts(a.original.label ?? '', b.original.label ?? ''),
    sortUndefined: 'last',
  }),
  byFigure('cpu', ({ cpuRatio }) => cpuRatio),
  column.display({ id: 'recent', meta: COLUMNS.recent }),
  column.display({ id: 'day', meta: COLUMNS.day }),
  byFigure('memory', ({ memoryRatio }) => memoryRatio),
  byFigure('disk', ({ diskRatio }) => diskRatio),
  byFigure('network', (figures) => sum(figures.receivedBytesPerSecond, figures.sentBytesPerSecond)),
  byFigure('load', ({ load }) => load),
  byFigure('gpu', ({ gpuRatio }) => gpuRatio),
  byFigure('temperature', ({ temperatureCelsius }) => temperatureCelsius),
  byFigure('uptime', ({ uptimeSeconds }) => uptimeSeconds),
  // Active targets rank equal. Otherwise their order would change with every sample.
  column.accessor(
    ({ status, lastSeenAtMs }) => (status === 'active' ? Infinity : (lastSeenAtMs ?? undefined)),
    {
      id: 'seen',
      meta: COLUMNS.seen,
      sortFn: sortFn_basic,
      sortUndefined: 'last',
    },
  ),
]);

/**
 * Returns the sorting after a click on a column's head: its first direction, then the other one,
 * then the order of trouble.
 */
export function nextSort(now: FleetSort | null, id: ColumnId): FleetSort | null {
  const firstDesc = COLUMNS[id].isNumber || id === 'status';
  if (now?.id !== id) return { id, desc: firstDesc };
  return now.desc === firstDesc && id !== 'status' ? { id, desc: !firstDesc } : null;
}

/** Columns without data for any target, such as GPUs if there are none. */
export function emptyColumns(targets: readonly TargetSummary[]): ReadonlySet<ColumnId> {
  const empty = new Set<ColumnId>();
  if (!targets.some(({ gpus }) => gpus !== null && gpus.length > 0)) empty.add('gpu');
  if (!targets.some(({ temperatureCelsius }) => temperatureCelsius !== null)) empty.add('temperature');
  return empty;
}

/** Visibility of the columns, for the table's state. */
export const visibilityOf = (shown: readonly ColumnId[]): Record<string, boolean> =>
  Object.fromEntries(COLUMN_IDS.map((id) => [id, shown.includes(id)]));
