import type { TargetSummary } from '@booner/protocol';
import { useTable } from '@tanstack/react-table';
import { useMemo } from 'react';
import { fleetColumns, fleetFeatures, visibilityOf } from './fleet-columns.ts';
import type { ColumnId, FleetSort } from './fleet-search.ts';

const hostOf = ({ host }: TargetSummary): string => host;

/**
 * Returns the sorted targets and the visible columns. Both stay the same objects while unchanged.
 */
export function useFleetTable(
  data: readonly TargetSummary[],
  sort: FleetSort | null,
  shown: readonly ColumnId[],
): { readonly targets: readonly TargetSummary[]; readonly columns: readonly ColumnId[] } {
  const state = useMemo(
    () => ({ sorting: sort === null ? [] : [sort], columnVisibility: visibilityOf(shown) }),
    [sort, shown],
  );
  const table = useTable({
    features: fleetFeatures,
    columns: fleetColumns,
    data,
    getRowId: hostOf,
    state,
    enableMultiSort: false,
  });
  const { rows } = table.getRowModel();
  const visible = table.getVisibleLeafColumns();
  return {
    targets: useMemo(() => rows.map(({ original }) => original), [rows]),
    columns: useMemo(() => visible.map(({ id }) => id as ColumnId), [visible]),
  };
}
