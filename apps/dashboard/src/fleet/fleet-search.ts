import * as z from 'zod/mini';
import { metricField } from '../history/metric-shapes.ts';

/** All columns of the table, in order. */
export const COLUMN_IDS = [
  'status',
  'host',
  'label',
  'cpu',
  'recent',
  'day',
  'memory',
  'disk',
  'network',
  'load',
  'gpu',
  'temperature',
  'uptime',
  'seen',
] as const;
export type ColumnId = (typeof COLUMN_IDS)[number];

/** Columns that cannot be hidden: without them, rows cannot be identified. */
const ALWAYS_SHOWN: readonly ColumnId[] = ['status', 'host'];

/** Columns that are shown only if they are chosen: their data is read for them alone. */
const EXTRA: readonly ColumnId[] = ['day'];
export const DEFAULT_COLUMNS: readonly ColumnId[] = COLUMN_IDS.filter((id) => !EXTRA.includes(id));

/** Small charts have no order. */
export const canSort = (id: ColumnId): boolean => id !== 'recent' && id !== 'day';

export const canHide = (id: ColumnId): boolean => !ALWAYS_SHOWN.includes(id);

/** `trouble`: offline, or short of a resource. */
export const STATUS_FILTERS = ['trouble', 'active', 'offline', 'pending'] as const;
export type StatusFilter = (typeof STATUS_FILTERS)[number];

const text = z.catch(z.optional(z.string()), undefined);

/** Parameters of the fleet view in the URL. Invalid values and defaults are omitted. */
export const fleetSearchSchema = z.object({
  /** Words that host, label, labels or specs must contain, or a selector. */
  q: text,
  /** A column, with a minus for largest first. Absent: targets in trouble first. */
  sort: z.catch(z.optional(z.string().check(z.regex(/^-?[a-z]+$/))), undefined),
  status: z.catch(z.optional(z.enum(STATUS_FILTERS)), undefined),
  label: text,
  /** Absent: whatever fits the window. */
  view: z.catch(z.optional(z.enum(['table', 'cards'])), undefined),
  /** Hideable columns to show, separated by commas. Absent: all but that of 24 hours. */
  columns: text,
  /** Metric of the column of 24 hours. Absent: CPU. */
  trend: metricField,
  density: z.catch(z.optional(z.enum(['compact'])), undefined),
});
export type FleetSearch = z.infer<typeof fleetSearchSchema>;

export type FleetSort = { readonly id: ColumnId; readonly desc: boolean };

const isColumn = (text: string): text is ColumnId => (COLUMN_IDS as readonly string[]).includes(text);

export function readSort(sort: string | undefined): FleetSort | null {
  const desc = sort?.startsWith('-') ?? false;
  const id = desc ? sort?.slice(1) : sort;
  return id !== undefined && isColumn(id) && canSort(id) ? { id, desc } : null;
}

export const writeSort = (sort: FleetSort | null): string | undefined =>
  sort === null ? undefined : `${sort.desc ? '-' : ''}${sort.id}`;

/** Returns the selected columns, in the table's order. */
export function readColumns(columns: string | undefined): readonly ColumnId[] {
  const wanted = columns?.split(',').filter(isColumn) ?? [];
  if (wanted.length === 0) return DEFAULT_COLUMNS;
  return COLUMN_IDS.filter((id) => !canHide(id) || wanted.includes(id));
}

export function writeColumns(wanted: readonly ColumnId[]): string | undefined {
  const chosen = COLUMN_IDS.filter((id) => canHide(id) && wanted.includes(id));
  if (chosen.join() === DEFAULT_COLUMNS.filter(canHide).join()) return undefined;
  return chosen.length === 0 ? 'host' : chosen.join(',');
}
