import type { Task } from '@booner/protocol';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { StatusWord } from '../ui/status-word.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';
import { creatorName } from './creator-name.ts';
import { paramsText } from './params-text.ts';
import { TaskDuration } from './task-duration.tsx';
import { TaskNews } from './task-news.tsx';

/** Columns of a wide page. A narrow page stacks their content. */
export const ROW_COLUMNS =
  'lg:grid-cols-[7rem_minmax(9rem,14rem)_minmax(8rem,12rem)_minmax(0,1fr)_6.5rem_5.5rem] lg:gap-x-4';

export type TaskRowProps = {
  readonly task: Task;
  /** Index in the list. */
  readonly index: number;
  readonly offset: number;
  readonly size: number;
  /** The row that Tab reaches. */
  readonly isCurrent: boolean;
  readonly onFocus: (id: string) => void;
};

export const TaskRow = memo(function TaskRow({
  task,
  index,
  offset,
  size,
  isCurrent,
  onFocus,
}: TaskRowProps) {
  const { params, createdBy, check } = task;
  const about = [check && 'dry run', paramsText(params), createdBy !== null && `by ${creatorName(createdBy)}`]
    .filter(Boolean)
    .join(' · ');
  return (
    <tr
      aria-rowindex={index + 2}
      className={`absolute inset-x-0 top-0 grid grid-cols-[auto_minmax(0,1fr)_auto] content-center items-center gap-x-3 border-b border-line px-3 has-[[data-row-link]:focus-visible]:bg-raised hover:bg-raised ${ROW_COLUMNS}`}
      style={{ height: size, transform: `translateY(${offset}px)` }}
    >
      <td>
        <StatusWord status={task.status} />
      </td>
      <td className="truncate font-medium">
        <Link
          to="/dashboard/tasks/$taskId"
          params={{ taskId: task.id }}
          data-row-link={task.id}
          tabIndex={isCurrent ? 0 : -1}
          onFocus={() => onFocus(task.id)}
          className="-outline-offset-2 after:absolute after:inset-0 after:content-[''] focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
          title={task.action}
        >
          {task.action}
        </Link>
        {about !== '' && (
          <span className="truncate text-sm font-normal text-muted max-lg:ml-2 lg:block" title={about}>
            {about}
          </span>
        )}
      </td>
      <td className="row-start-2 max-lg:col-span-2 lg:row-auto">
        <Link
          to="/dashboard/targets/$host"
          params={{ host: task.host }}
          tabIndex={isCurrent ? 0 : -1}
          title={task.host}
          className="relative z-10 -my-2.5 block w-fit max-w-full truncate py-2.5 text-muted hover:text-ink hover:underline"
        >
          {task.host}
        </Link>
      </td>
      <td className="col-span-3 row-start-3 min-w-0 lg:col-span-1 lg:row-auto">
        <TaskNews task={task} />
      </td>
      <td className="col-start-3 row-start-1 text-right text-muted lg:col-auto lg:row-auto">
        <TimeAgo atMs={task.createdAtMs} />
      </td>
      <td className="col-start-3 row-start-2 text-right text-muted lg:col-auto lg:row-auto">
        <span className="sr-only">ran for </span>
        <TaskDuration task={task} />
      </td>
    </tr>
  );
});
