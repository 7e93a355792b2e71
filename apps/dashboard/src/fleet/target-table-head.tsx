import type { RankedMetric } from '@booner/protocol/history-metrics';
import clsx from 'clsx';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { memo } from 'react';
import { METRIC_SHAPES } from '../history/metric-shapes.ts';
import { COLUMNS, nextSort } from './fleet-columns.ts';
import { type ColumnId, canSort, type FleetSort } from './fleet-search.ts';

export type TargetTableHeadProps = {
  readonly columns: readonly ColumnId[];
  /** Metric of the column of 24 hours. */
  readonly trend: RankedMetric;
  readonly sort: FleetSort | null;
  readonly onSort: (sort: FleetSort | null) => void;
};

/** Head of the table. It stays in sight, and a click on a column sorts by it. */
export const TargetTableHead = memo(function TargetTableHead({
  columns,
  trend,
  sort,
  onSort,
}: TargetTableHeadProps) {
  return (
    <thead>
      <tr aria-rowindex={1} className="h-9">
        {columns.map((id) => {
          const { title, name, isNumber } = COLUMNS[id];
          const direction = sort?.id === id ? (sort.desc ? 'descending' : 'ascending') : undefined;
          const Arrow = direction === 'ascending' ? ArrowUp : ArrowDown;
          return (
            <th
              key={id}
              scope="col"
              aria-sort={direction}
              className={clsx(
                'sticky top-(--header-height) z-10 border-b border-line-strong bg-panel p-0 text-sm font-normal text-muted',
                isNumber ? 'text-right' : 'text-left',
              )}
            >
              {!canSort(id) ? (
                <span className="block truncate px-2" title={name}>
                  {id === 'day' ? `${METRIC_SHAPES[trend].name}, ${title}` : title}
                </span>
              ) : (
                <button
                  type="button"
                  title={`Sort by ${name}`}
                  onClick={() => onSort(nextSort(sort, id))}
                  className={clsx(
                    'flex h-9 w-full items-center gap-1 px-2 whitespace-nowrap -outline-offset-2 hover:text-ink pointer-coarse:h-10',
                    isNumber && 'flex-row-reverse',
                    id === 'status' && 'pl-3',
                    id === columns.at(-1) && 'pr-3',
                    direction !== undefined && 'font-semibold text-ink',
                  )}
                >
                  {title}
                  <Arrow
                    size={14}
                    aria-hidden="true"
                    className={clsx(direction === undefined && 'invisible')}
                  />
                </button>
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
});
