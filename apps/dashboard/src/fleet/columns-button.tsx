import type { RankedMetric } from '@booner/protocol/history-metrics';
import { Columns3 } from 'lucide-react';
import { MetricSelect } from '../history/metric-select.tsx';
import { buttonClass } from '../ui/button.tsx';
import { Popover } from '../ui/popover.tsx';
import { COLUMNS } from './fleet-columns.ts';
import { COLUMN_IDS, type ColumnId, canHide } from './fleet-search.ts';

export type ColumnsButtonProps = {
  /** Columns that the user selected. */
  readonly wanted: readonly ColumnId[];
  /** Columns that have data and fit. */
  readonly shown: readonly ColumnId[];
  /** Columns without data. */
  readonly empty: ReadonlySet<ColumnId>;
  readonly onChange: (wanted: readonly ColumnId[]) => void;
  /** Metric of the column of 24 hours. */
  readonly trend: RankedMetric;
  readonly onTrend: (metric: RankedMetric | undefined) => void;
};

/** Selects the columns of the table, and says why a selected one is not shown. */
export function ColumnsButton({ wanted, shown, empty, onChange, trend, onTrend }: ColumnsButtonProps) {
  const choices = COLUMN_IDS.filter(canHide);
  const toggle = (id: ColumnId, isWanted: boolean) =>
    onChange(COLUMN_IDS.filter((each) => (each === id ? isWanted : wanted.includes(each))));
  const remark = (id: ColumnId): string | null => {
    if (!wanted.includes(id) || shown.includes(id)) return null;
    return empty.has(id) ? 'no data' : 'no room';
  };
  return (
    <Popover
      label="Columns"
      triggerClassName={buttonClass('plain', 'max-sm:px-2.5')}
      trigger={
        <>
          <Columns3 size={16} aria-hidden="true" />
          <span className="max-sm:sr-only">Columns</span>
        </>
      }
      widthPx={256}
      className="p-2"
    >
      <fieldset>
        <legend className="px-2 pb-1 text-sm text-muted">Table columns</legend>
        {choices.map((id) => (
          <label
            key={id}
            className="flex h-8 items-center gap-2 rounded-md px-2 hover:bg-raised pointer-coarse:h-10"
          >
            <input
              type="checkbox"
              className="size-4 accent-(--accent)"
              checked={wanted.includes(id)}
              onChange={({ target }) => toggle(id, target.checked)}
            />
            {COLUMNS[id].name}
            <span className="ml-auto text-sm text-muted">{remark(id)}</span>
          </label>
        ))}
        {wanted.includes('day') && (
          <span className="flex items-center justify-between gap-2 px-2 pt-1">
            Last 24 hours of
            <MetricSelect label="Metric of the last 24 hours" value={trend} onChange={onTrend} />
          </span>
        )}
      </fieldset>
    </Popover>
  );
}
