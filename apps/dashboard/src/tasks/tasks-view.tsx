import type { Task } from '@booner/protocol';
import { hasEnded } from '@booner/protocol/has-ended';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { useMemo } from 'react';
import { readSelector } from '../labels/read-selector.ts';
import { useSelectedHosts } from '../labels/use-selected-hosts.ts';
import { RunLink } from '../run/run-link.tsx';
import { buttonClass } from '../ui/button.tsx';
import { useTitle } from '../ui/use-title.ts';
import { NoTasks } from './no-tasks.tsx';
import { useOlderTasks } from './older-tasks.ts';
import { OlderTasksFooter } from './older-tasks-footer.tsx';
import { countByStatus, filterTasks, orderTasks } from './order-tasks.ts';
import { TaskTable } from './task-table.tsx';
import { TasksFilters } from './tasks-filters.tsx';
import type { TasksSearch } from './tasks-search.ts';
import { useTaskList } from './use-task-list.ts';

const route = getRouteApi('/dashboard/tasks');
const NONE: ReadonlySet<string> = new Set();

/** All tasks, live, and older ones on request. */
export function TasksView() {
  useTitle('Tasks');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const asked = useMemo(
    () => (search.selector === undefined ? null : readSelector(search.selector)),
    [search.selector],
  );
  const issue = asked?.type === 'issue' ? asked.text : null;
  const hosts = useSelectedHosts(asked?.type === 'selector' ? asked.selector : null);
  const { isLoaded, tasks } = useTaskList();
  const older = useOlderTasks(
    search,
    useMemo(() => endedOf(tasks.values()), [tasks]),
  );
  const known = useMemo(
    () => [...tasks.values(), ...older.tasks.filter(({ id }) => !tasks.has(id))],
    [tasks, older.tasks],
  );
  const { q, host, action, status } = search;
  const found = useMemo(
    () => filterTasks(known, { q, host, action, hosts: asked === null ? undefined : (hosts ?? NONE) }),
    [known, q, host, action, asked, hosts],
  );
  const counts = useMemo(() => countByStatus(found), [found]);
  const shown = useMemo(
    () => orderTasks(status === undefined ? found : found.filter((task) => task.status === status)),
    [found, status],
  );
  const change = (next: Partial<TasksSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true, resetScroll: false });

  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h1 className="text-xl font-semibold outline-none">Tasks</h1>
        <span className="flex gap-2">
          <Link to="/dashboard/rollouts" className={buttonClass('plain', 'md:hidden')}>
            Rollouts
          </Link>
          <RunLink variant="primary">
            <Play size={16} aria-hidden="true" />
            Run an action
          </RunLink>
        </span>
      </div>
      {isLoaded && known.length > 0 && (
        <TasksFilters search={search} onChange={change} counts={counts} tasks={known} />
      )}
      {shown.length > 0 ? (
        <TaskTable tasks={shown} />
      ) : (
        <NoTasks
          // Before the fleet is known, the selector has nothing to select from.
          isLoaded={isLoaded && (asked?.type !== 'selector' || hosts !== null)}
          issue={issue}
          isFiltered={known.length > 0}
          onClear={() => void navigate({ search: {} })}
        />
      )}
      {known.length > 0 && issue === null && (
        <OlderTasksFooter older={older} shown={shown.length} known={known.length} />
      )}
    </div>
  );
}

function endedOf(tasks: Iterable<Task>): number {
  let count = 0;
  for (const { status } of tasks) if (hasEnded(status)) count++;
  return count;
}
