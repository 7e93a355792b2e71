import type { Task } from '@booner/protocol';
import { hasEnded } from '@booner/protocol/has-ended';
import { Link } from '@tanstack/react-router';
import { RotateCcw } from 'lucide-react';
import { RunLink } from '../run/run-link.tsx';
import { StatusWord } from '../ui/status-word.tsx';
import { CancelButton } from './cancel-button.tsx';

/** Name, status and commands of a task. */
export function TaskHeader({ task }: { readonly task: Task }) {
  const { id, action, host, status, external } = task;
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
      <div className="flex min-w-0 flex-wrap items-baseline gap-x-3">
        <h1 className="min-w-0 text-xl font-semibold break-words outline-none">{action}</h1>
        <span className="text-muted">
          on{' '}
          <Link
            to="/dashboard/targets/$host"
            params={{ host }}
            className="-my-2.5 inline-block py-2.5 text-accent underline underline-offset-2"
          >
            {host}
          </Link>
        </span>
        {/* As wide as the longest word, so that nothing beside it moves. */}
        <span className="min-w-24 text-lg" role="status">
          <StatusWord status={status} />
        </span>
      </div>
      <div className="flex gap-2">
        {!hasEnded(status) && <CancelButton task={task} />}
        {/* What another program did is nothing that a runner offers. */}
        {!external && (
          <RunLink search={{ again: id }} host={host} action={action}>
            <RotateCcw size={16} aria-hidden="true" />
            Run again
          </RunLink>
        )}
      </div>
    </div>
  );
}
