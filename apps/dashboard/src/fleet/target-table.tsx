import type { RankedMetric } from '@booner/protocol/history-metrics';
import { Fragment, useEffect, useMemo, useRef } from 'react';
import { COARSE, useMedia } from '../ui/use-media.ts';
import type { ColumnId, FleetSort } from './fleet-search.ts';
import { isSilent } from './target-figures.ts';
import type { TargetListProps } from './target-list.ts';
import { TargetRow } from './target-row.tsx';
import { TargetTableHead } from './target-table-head.tsx';
import { useRowKeys } from './use-row-keys.ts';
import { useVirtualRows } from './use-virtual-rows.ts';

export type TargetTableProps = TargetListProps & {
  readonly columns: readonly ColumnId[];
  /** Metric of the column of 24 hours. */
  readonly trend: RankedMetric;
  readonly widthOf: (id: ColumnId) => number;
  readonly sort: FleetSort | null;
  readonly onSort: (sort: FleetSort | null) => void;
};

/** Targets as a table that scrolls with the page. Only the rows in sight are rendered. */
export function TargetTable(props: TargetTableProps) {
  const { targets, sentAtMs, isCompact, focusFirst, columns, trend, widthOf, sort, onSort } = props;
  const { selection } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const hosts = useMemo(() => targets.map(({ host }) => host), [targets]);
  const isCoarse = useMedia(COARSE);
  const rowPx = isCompact ? (isCoarse ? 40 : 32) : 44;
  const keys = useRowKeys({ container: body, hosts, lanes: 1, pageRows: 10, onSelect: selection?.onToggle });
  const { rows, totalPx, virtualizer } = useVirtualRows({
    container: body,
    count: targets.length,
    rowPx,
    keptIndex: keys.focused,
  });
  useEffect(() => {
    keys.scrollTo.current = (index) => virtualizer.scrollToIndex(index);
    focusFirst.current = keys.goToFirst;
  });

  let endPx = 0;
  return (
    <div className="overflow-clip rounded-md border border-line bg-panel">
      <table
        aria-label="Targets"
        aria-rowcount={targets.length + 1}
        className="w-full table-fixed border-separate border-spacing-0"
      >
        <colgroup>
          {columns.map((id) => (
            <col key={id} style={isElastic(id, columns) ? undefined : { width: widthOf(id) }} />
          ))}
        </colgroup>
        <TargetTableHead columns={columns} trend={trend} sort={sort} onSort={onSort} />
        <tbody ref={body} data-rows {...keys.handlers}>
          {rows.map(({ index, startPx }) => {
            const target = targets[index];
            if (target === undefined) return null;
            const gapPx = startPx - endPx;
            endPx = startPx + rowPx;
            return (
              <Fragment key={target.host}>
                {gapPx > 0 && <Spacer heightPx={gapPx} />}
                <TargetRow
                  target={target}
                  columns={columns}
                  trend={trend}
                  isSelected={selection?.hosts.includes(target.host)}
                  index={index}
                  heightPx={rowPx}
                  isStale={isSilent(target, sentAtMs)}
                  isCompact={isCompact}
                  isTabStop={index === keys.tabStop}
                />
              </Fragment>
            );
          })}
          {totalPx > endPx && <Spacer heightPx={totalPx - endPx} />}
        </tbody>
      </table>
    </div>
  );
}

/** Space of the rows that are not rendered. */
const Spacer = ({ heightPx }: { readonly heightPx: number }) => (
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus
  <tr aria-hidden="true">
    <td style={{ height: heightPx }} className="p-0" />
  </tr>
);

/**
 * Returns the column that takes the remaining width: the label, or the host if no label is shown.
 */
const isElastic = (id: ColumnId, columns: readonly ColumnId[]): boolean =>
  id === (columns.includes('label') ? 'label' : 'host');
