import type { Task, TaskStatus } from '@booner/protocol';
import clsx from 'clsx';
import { useMemo } from 'react';
import { formatCount } from '../format/numbers.ts';
import { SavedViewsButton } from '../saved-views/saved-views-button.tsx';
import { FilterSelect } from '../ui/filter-select.tsx';
import { FoldedFilters } from '../ui/folded-filters.tsx';
import { SearchField } from '../ui/search-field.tsx';
import { StatusWord } from '../ui/status-word.tsx';
import { choicesOf, type StatusCounts } from './order-tasks.ts';
import type { TasksSearch } from './tasks-search.ts';

const STATUSES: readonly TaskStatus[] = ['running', 'queued', 'completed', 'failed', 'cancelled'];

export type TasksFiltersProps = {
  readonly search: TasksSearch;
  readonly onChange: (change: Partial<TasksSearch>) => void;
  /** Tasks that pass the other filters. */
  readonly counts: StatusCounts;
  readonly tasks: readonly Task[];
};

/** Number of tasks per status, each a filter, and the other filters. */
export function TasksFilters({ search, onChange, counts, tasks }: TasksFiltersProps) {
  const { q = '', status, host, action, selector } = search;
  const hosts = useMemo(() => choicesOf(tasks, 'host', host), [tasks, host]);
  const actions = useMemo(() => choicesOf(tasks, 'action', action), [tasks, action]);
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
      <fieldset className="grid grid-cols-5 gap-1 max-sm:w-full sm:flex" aria-label="Status">
        {STATUSES.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={status === each}
            onClick={() => onChange({ status: status === each ? undefined : each })}
            className={clsx(
              'flex h-12 min-w-0 flex-col items-center justify-center rounded-md border text-xs sm:h-8 sm:flex-row sm:gap-2 sm:px-2.5 sm:text-base pointer-coarse:sm:h-10',
              status === each ? 'border-accent bg-raised' : 'border-line bg-panel hover:bg-raised',
            )}
          >
            <span className="max-sm:order-2 max-sm:[&_[aria-hidden]]:hidden">
              <StatusWord status={each} />
            </span>
            <span className="min-w-7 text-center font-semibold max-sm:text-base sm:text-right">
              {formatCount(counts[each])}
            </span>
          </button>
        ))}
      </fieldset>
      <div className="flex flex-wrap gap-2 max-sm:w-full">
        <SearchField
          label="Search tasks"
          value={q}
          onChange={(next) => onChange({ q: next === '' ? undefined : next })}
          isMain
          className="w-56 max-sm:min-w-32 max-sm:flex-1"
        />
        <SavedViewsButton page="tasks" />
        <FoldedFilters
          label="Filters"
          isActive={[host, action, selector].some((value) => value !== undefined)}
        >
          <SearchField
            label="Target selector"
            title="Tasks of the targets that match, such as role=db,env!=prod"
            value={selector ?? ''}
            onChange={(next) => onChange({ selector: next === '' ? undefined : next })}
            className="w-44 max-sm:w-full"
          />
          <FilterSelect
            label="Host"
            all="All hosts"
            value={host}
            choices={hosts}
            onChange={(next) => onChange({ host: next })}
            className="max-sm:flex-1"
          />
          <FilterSelect
            label="Action"
            all="All actions"
            value={action}
            choices={actions}
            onChange={(next) => onChange({ action: next })}
            className="max-sm:flex-1"
          />
        </FoldedFilters>
      </div>
    </div>
  );
}
