import type { Task } from '@booner/protocol';
import { Link } from '@tanstack/react-router';
import { memo, useMemo } from 'react';
import { filterTasks, orderTasks } from '../tasks/order-tasks.ts';
import { paramsText } from '../tasks/params-text.ts';
import { TaskNews } from '../tasks/task-news.tsx';
import { useTaskList } from '../tasks/use-task-list.ts';
import { Panel } from '../ui/panel.tsx';
import { StatusWord } from '../ui/status-word.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';

const SHOWN_TASKS = 8;

/** Running, queued and most recent tasks of a target. */
export function TargetTasks({ host }: { readonly host: string }) {
  const { isLoaded, tasks } = useTaskList();
  const own = useMemo(
    () => orderTasks(filterTasks(tasks.values(), { host })).slice(0, SHOWN_TASKS),
    [tasks, host],
  );
  const all = (
    <Link
      to="/dashboard/tasks"
      search={{ host }}
      className="-my-2.5 py-2.5 text-accent underline underline-offset-2"
    >
      All tasks of this target
    </Link>
  );
  return (
    <Panel title="Tasks" aside={all} className="min-h-40">
      {own.length > 0 ? (
        <ul className="divide-y divide-line">
          {own.map((task) => (
            <TaskItem key={task.id} task={task} />
          ))}
        </ul>
      ) : (
        isLoaded && <p className="py-6 text-center text-muted">No recent tasks.</p>
      )}
    </Panel>
  );
}

const TaskItem = memo(function TaskItem({ task }: { readonly task: Task }) {
  const params = paramsText(task.params);
  return (
    <li className="grid grid-cols-[7rem_minmax(0,1fr)_auto] gap-x-3 py-2 first:pt-0 last:pb-0">
      <StatusWord status={task.status} />
      <Link
        to="/dashboard/tasks/$taskId"
        params={{ taskId: task.id }}
        className="-my-2.5 truncate py-2.5 font-semibold hover:underline"
        title={`${task.action} ${params}`.trim()}
      >
        {task.action}
        {params !== '' && <span className="ml-2 text-sm font-normal text-muted">{params}</span>}
      </Link>
      <TimeAgo atMs={task.createdAtMs} className="text-right whitespace-nowrap text-muted" />
      <div className="col-span-2 col-start-2 min-h-5 min-w-0 text-sm max-sm:col-span-3 max-sm:col-start-1">
        <TaskNews task={task} />
      </div>
    </li>
  );
});
