import clsx from 'clsx';
import { memo } from 'react';
import { COLUMNS } from './fleet-columns.ts';
import type { ColumnId } from './fleet-search.ts';
import { type CellProps, TARGET_CELLS } from './target-cells.tsx';

export type TargetRowProps = Omit<CellProps, 'isUnlabelled'> & {
  readonly columns: readonly ColumnId[];
  /** Index among all rows, without the head. */
  readonly index: number;
  readonly heightPx: number;
};

/** One target in the table. Renders again only when this target changes. */
export const TargetRow = memo(function TargetRow({ columns, index, heightPx, ...cell }: TargetRowProps) {
  const { target, isCompact, isStale } = cell;
  return (
    <tr
      data-host={target.host}
      aria-rowindex={index + 2}
      style={{ height: heightPx }}
      className={clsx(
        'cursor-pointer has-[a:focus-visible]:outline-2 has-[a:focus-visible]:-outline-offset-2 has-[a:focus-visible]:outline-accent',
        standsOut(cell) ? 'bg-bad-wash' : 'hover:bg-raised',
        isCompact && 'text-sm',
      )}
    >
      {columns.map((id) => {
        const Cell = TARGET_CELLS[id];
        const { isNumber } = COLUMNS[id];
        return (
          <td
            key={id}
            className={clsx(
              'overflow-hidden border-b border-line px-2 py-0 whitespace-nowrap first:pl-3 last:pr-3',
              isNumber && 'text-right',
              isStale && id !== 'status' && id !== 'host' && 'text-muted',
              id !== 'host' && 'live-value',
            )}
          >
            <Cell {...cell} isUnlabelled={!columns.includes('label')} />
          </td>
        );
      })}
    </tr>
  );
});

/** Highlights an offline host, which must be visible from a distance. Other trouble has words. */
export const standsOut = ({ target }: Pick<CellProps, 'target'>): boolean => target.status === 'offline';
