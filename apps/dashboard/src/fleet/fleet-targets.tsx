import type { TargetSummary } from '@booner/protocol';
import { ListChecks } from 'lucide-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import { useAccess } from '../access/use-access.ts';
import { DEFAULT_METRIC } from '../history/metric-shapes.ts';
import { useRecording } from '../history/recording-query.ts';
import { Button } from '../ui/button.tsx';
import { useElementWidth } from '../ui/use-element-width.ts';
import { ColumnsButton } from './columns-button.tsx';
import { countLabels, filterTargets } from './filter-targets.ts';
import { fitColumns } from './fit-columns.ts';
import { NoMatch } from './fleet-absent.tsx';
import { COLUMNS, emptyColumns } from './fleet-columns.ts';
import {
  type ColumnId,
  type FleetSearch,
  readColumns,
  readSort,
  writeColumns,
  writeSort,
} from './fleet-search.ts';
import { FleetToolbar } from './fleet-toolbar.tsx';
import { readQuery } from './read-query.ts';
import { SelectionBar } from './selection-bar.tsx';
import { TargetCards } from './target-cards.tsx';
import { TargetTable } from './target-table.tsx';
import { useFleetTable } from './use-fleet-table.ts';
import { useHeldOrder } from './use-held-order.ts';
import { useRankedTargets } from './use-ranked-targets.ts';
import { ViewButtons } from './view-buttons.tsx';

/** Narrower windows are phones, which get cards. */
const TABLE_FROM_PX = 640;
/** Width of a character of a host name, and of its surroundings. */
const CHARACTER_PX = 8;
const HOST_PADDING_PX = 24;
const MAX_HOST_PX = 240;

export type FleetTargetsProps = {
  readonly targets: readonly TargetSummary[];
  readonly sentAtMs: number;
  readonly search: FleetSearch;
  readonly onSearch: (change: Partial<FleetSearch>) => void;
};

/** The targets that match the filters. */
export function FleetTargets({ targets, sentAtMs, search, onSearch }: FleetTargetsProps) {
  const box = useRef<HTMLElement>(null);
  const widthPx = useElementWidth(box) ?? 0;
  const focusFirst = useRef<(() => void) | null>(null);
  const isCompact = search.density === 'compact';
  const { trend = DEFAULT_METRIC } = search;
  const [selected, setSelected] = useState<readonly string[] | null>(null);
  const selection = useMemo(() => {
    const onToggle = (host: string) => setSelected((before) => before && toggled(before, host));
    return selected === null ? undefined : { hosts: selected, onToggle };
  }, [selected]);
  const fitting = widthPx < TABLE_FROM_PX ? 'cards' : 'table';
  const view = search.view ?? fitting;

  const ranked = useRankedTargets();
  const { q, status, label } = search;
  const found = useMemo(() => filterTargets(ranked, { q, status, label }), [ranked, q, status, label]);
  const labels = useStableList(useMemo(() => [...countLabels(targets).keys()], [targets]));

  const sort = useMemo(() => readSort(search.sort), [search.sort]);
  const wanted = useMemo(() => readColumns(search.columns), [search.columns]);
  const hostPx = useMemo(() => hostWidth(targets, widthPx), [targets, widthPx]);
  const widthOf = useCallback(
    (id: ColumnId) => {
      const { widthPx: normalPx, compactWidthPx = normalPx } = COLUMNS[id];
      return id === 'host' ? hostPx : isCompact ? compactWidthPx : normalPx;
    },
    [hostPx, isCompact],
  );
  const isOff = useRecording()?.state === 'off';
  const canLabel = useAccess().may('admin');
  const emptyIds = useStableList(
    useMemo(() => [...emptyColumns(targets), ...(isOff ? (['day'] as const) : [])], [targets, isOff]),
  );
  const empty = useMemo(() => new Set(emptyIds), [emptyIds]);
  const shown = useMemo(
    () =>
      fitColumns(
        wanted.filter((id) => !empty.has(id)),
        widthOf,
        widthPx,
      ),
    [wanted, empty, widthOf, widthPx],
  );
  const list = useFleetTable(found, sort, shown);
  const onSort = useCallback((next: typeof sort) => onSearch({ sort: writeSort(next) }), [onSearch]);

  const chosen = JSON.stringify([q, status, label, search.sort]);
  const held = useHeldOrder(box, list.targets, chosen);
  const common = { targets: held, sentAtMs, isCompact, focusFirst, selection };
  return (
    <section ref={box} aria-label="Targets" className="flex flex-col gap-3">
      <FleetToolbar
        search={search}
        onSearch={onSearch}
        labels={labels}
        sort={view === 'cards' ? { now: sort, onSort } : undefined}
        onLeaveSearch={() => focusFirst.current?.()}
      >
        {view === 'table' && (
          <ColumnsButton
            wanted={wanted}
            shown={shown}
            empty={empty}
            onChange={(next) => onSearch({ columns: writeColumns(next) })}
            trend={trend}
            onTrend={(metric) => onSearch({ trend: metric })}
          />
        )}
        {(!isOff || canLabel) && selected === null && (
          <Button onClick={() => setSelected([])} className="max-sm:px-2.5">
            <ListChecks size={16} aria-hidden="true" />
            Select
          </Button>
        )}
        <ViewButtons
          view={view}
          onView={(next) => onSearch({ view: next === fitting ? undefined : next })}
          isCompact={isCompact}
          onCompact={(next) => onSearch({ density: next ? 'compact' : undefined })}
        />
      </FleetToolbar>
      {selected !== null && (
        <SelectionBar
          hosts={selected}
          targets={targets}
          metric={search.trend}
          canCompare={!isOff}
          canLabel={canLabel}
          onSelectAll={() => setSelected([...new Set([...selected, ...found.map(({ host }) => host)])])}
          onCancel={() => setSelected(null)}
        />
      )}
      {found.length === 0 && (
        <NoMatch
          query={readQuery(q ?? '')}
          onClear={() => onSearch({ q: undefined, status: undefined, label: undefined })}
        />
      )}
      {found.length > 0 && widthPx > 0 && view === 'table' && (
        <TargetTable
          {...common}
          columns={list.columns}
          trend={trend}
          widthOf={widthOf}
          sort={sort}
          onSort={onSort}
        />
      )}
      {found.length > 0 && widthPx > 0 && view === 'cards' && <TargetCards {...common} widthPx={widthPx} />}
    </section>
  );
}

/** Adds a host to the selection, or removes it. */
const toggled = (hosts: readonly string[], host: string): readonly string[] =>
  hosts.includes(host) ? hosts.filter((each) => each !== host) : [...hosts, host];

/** Returns a width for the longest name, within limits: one long name must not displace figures. */
function hostWidth(targets: readonly TargetSummary[], tablePx: number): number {
  const longest = targets.reduce((most, { host }) => Math.max(most, host.length), 0);
  const mostPx = Math.min(MAX_HOST_PX, Math.max(COLUMNS.host.widthPx, tablePx / 3));
  return Math.min(mostPx, Math.max(COLUMNS.host.widthPx, longest * CHARACTER_PX + HOST_PADDING_PX));
}

/** Returns the previous list while it has the same members. */
function useStableList<T extends string>(list: readonly T[]): readonly T[] {
  const text = JSON.stringify(list);
  return useMemo(() => JSON.parse(text) as readonly T[], [text]);
}
