import type { RolloutHost } from '@booner/protocol';
import clsx from 'clsx';
import { memo } from 'react';
import { taskOf } from '../group-failures.ts';
import { HOST_LOOKS } from '../status-words.tsx';

export type HostCellProps = {
  readonly host: RolloutHost;
  /** The cell that Tab reaches. */
  readonly isCurrent: boolean;
  /** Another status is filtered for. */
  readonly isDim: boolean;
};

/** Returns the address of what a cell opens: the task of a host, or its target without one. */
function hrefOf(host: RolloutHost): string {
  const task = taskOf(host);
  return task === null
    ? `/dashboard/targets/${encodeURIComponent(host.host)}`
    : `/dashboard/tasks/${encodeURIComponent(task)}`;
}

/**
 * One host of a rollout. A plain link: the grid handles events of all its cells, and a router link
 * would subscribe each of them to the router.
 */
export const HostCell = memo(function HostCell({ host, isCurrent, isDim }: HostCellProps) {
  const { mark, word, cell } = HOST_LOOKS[host.status];
  return (
    <a
      href={hrefOf(host)}
      data-index={host.index}
      tabIndex={isCurrent ? 0 : -1}
      aria-label={[host.host, word, host.error].filter(Boolean).join(': ')}
      className={clsx(
        'flex size-6 items-center justify-center contain-layout contain-size rounded-sm border text-xs leading-none outline-offset-1 hover:outline-2 hover:outline-accent pointer-coarse:size-8',
        cell,
        isDim && 'opacity-20',
      )}
    >
      {mark}
    </a>
  );
});
