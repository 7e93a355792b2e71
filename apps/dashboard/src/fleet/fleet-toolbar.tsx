import type { ReactNode } from 'react';
import { SavedViewsButton } from '../saved-views/saved-views-button.tsx';
import { FilterSelect } from '../ui/filter-select.tsx';
import { FoldedFilters } from '../ui/folded-filters.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { COLUMNS, nextSort } from './fleet-columns.ts';
import {
  COLUMN_IDS,
  canSort,
  type FleetSearch,
  type FleetSort,
  STATUS_FILTERS,
  type StatusFilter,
} from './fleet-search.ts';

export type FleetToolbarProps = {
  readonly search: FleetSearch;
  readonly onSearch: (change: Partial<FleetSearch>) => void;
  readonly labels: readonly string[];
  /** Set if there is no table head to click on. */
  readonly sort?:
    | { readonly now: FleetSort | null; readonly onSort: (sort: FleetSort | null) => void }
    | undefined;
  /** Moves the focus from the search to the first target. */
  readonly onLeaveSearch: () => void;
  readonly children: ReactNode;
};

const SORTABLE = COLUMN_IDS.filter((id) => canSort(id) && id !== 'status');
const SORT_NAMES = SORTABLE.map((id) => COLUMNS[id].name);

/** Filters of the targets, and how they are shown. */
export function FleetToolbar({ search, onSearch, labels, sort, onLeaveSearch, children }: FleetToolbarProps) {
  const { q = '', status, label } = search;
  return (
    <search className="flex flex-wrap items-center gap-2" aria-label="Targets">
      <SearchField
        label="Search targets"
        title="Words, or a selector such as role=db,env!=prod"
        isMain
        value={q}
        onChange={(text) => onSearch({ q: text === '' ? undefined : text })}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
          event.preventDefault();
          onLeaveSearch();
        }}
        className="w-72 max-sm:min-w-32 max-sm:flex-1"
      />
      <SavedViewsButton page="fleet" />
      <FoldedFilters label="Filters and view" isActive={status !== undefined || label !== undefined}>
        <FilterSelect
          label="Status"
          all="Any status"
          value={status}
          choices={STATUS_FILTERS}
          onChange={(value) => onSearch({ status: value as StatusFilter | undefined })}
          className="max-sm:w-0 max-sm:flex-1"
        />
        <FilterSelect
          label="Label"
          all="Any label"
          value={label}
          choices={label === undefined || labels.includes(label) ? labels : [...labels, label]}
          onChange={(value) => onSearch({ label: value })}
          className="max-sm:w-0 max-sm:flex-1"
        />
        {sort !== undefined && (
          <FilterSelect
            label="Sort"
            all="By trouble"
            value={sort.now === null || sort.now.id === 'status' ? undefined : COLUMNS[sort.now.id].name}
            choices={SORT_NAMES}
            onChange={(name) => {
              const id = SORTABLE.find((each) => COLUMNS[each].name === name);
              sort.onSort(id === undefined ? null : nextSort(null, id));
            }}
            className="max-sm:w-0 max-sm:flex-1"
          />
        )}
        <span className="flex items-center gap-2 max-sm:w-full sm:ml-auto">{children}</span>
      </FoldedFilters>
    </search>
  );
}
