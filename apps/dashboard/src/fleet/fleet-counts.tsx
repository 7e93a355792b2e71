import type { TargetSummary } from '@booner/protocol';
import { Link } from '@tanstack/react-router';
import clsx from 'clsx';
import { Fragment, type ReactNode } from 'react';
import { formatCount, UNKNOWN } from '../format/numbers.ts';
import { useRunningCount } from '../live/use-running-count.ts';
import type { FleetSearch, StatusFilter } from './fleet-search.ts';
import { useTroubleCount } from './use-ranked-targets.ts';

const linkClass = 'inline-flex items-center gap-1.5 rounded-md hover:underline pointer-coarse:h-10';

/** Link to all targets with a status, keeping the current view. */
const only =
  (status?: StatusFilter) =>
  ({ sort, view, columns, density }: FleetSearch): FleetSearch => ({ sort, view, columns, density, status });

/** State of the fleet in one line. Each part links to what it counts. */
export function FleetCounts({ targets }: { readonly targets: readonly TargetSummary[] | null }) {
  const running = useRunningCount();
  const count = (status: TargetSummary['status']) =>
    targets?.reduce((sum, target) => sum + Number(target.status === status), 0) ?? 0;
  const trouble = useTroubleCount();
  const offline = count('offline');
  const pending = count('pending');
  const parts: ReactNode[] =
    targets === null
      ? [<span key="targets">{UNKNOWN} targets</span>]
      : [
          <Link key="targets" from="/" to="/" search={only()} className={linkClass}>
            {formatCount(targets.length)} {targets.length === 1 ? 'target' : 'targets'}
          </Link>,
          ...(trouble > 0
            ? [
                <Link
                  key="trouble"
                  from="/"
                  to="/"
                  search={only('trouble')}
                  className={clsx(linkClass, 'font-semibold text-bad')}
                >
                  <Mark mark="▲" className="max-sm:hidden" />
                  {formatCount(trouble)} in trouble
                </Link>,
              ]
            : []),
          <Link
            key="active"
            from="/"
            to="/"
            search={only('active')}
            className={clsx(linkClass, 'max-sm:hidden')}
          >
            <Mark mark="●" className="text-good" />
            {formatCount(count('active'))} active
          </Link>,
          <Link
            key="offline"
            from="/"
            to="/"
            search={only('offline')}
            className={clsx(linkClass, offline > 0 ? 'font-semibold text-bad' : 'max-sm:hidden')}
          >
            {offline > 0 && <Mark mark="✕" className="max-sm:hidden" />}
            {formatCount(offline)} offline
          </Link>,
          ...(pending > 0
            ? [
                <Link
                  key="pending"
                  from="/"
                  to="/"
                  search={only('pending')}
                  className={clsx(linkClass, 'max-sm:hidden')}
                >
                  {formatCount(pending)} pending
                </Link>,
              ]
            : []),
        ];
  return (
    <p className="live-value flex min-h-7 flex-wrap items-center gap-x-2 sm:text-lg">
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts keep their positions
        <Fragment key={index}>
          {part}
          <Dot />
        </Fragment>
      ))}
      {/* On a phone, all fits into one line without it. The link to the tasks has the count, too. */}
      <Link to="/dashboard/tasks" search={{ status: 'running' }} className={clsx(linkClass, 'max-sm:hidden')}>
        {running === null ? UNKNOWN : formatCount(running)} {running === 1 ? 'task' : 'tasks'} running
      </Link>
    </p>
  );
}

const Dot = () => (
  <span aria-hidden="true" className="text-muted max-sm:hidden">
    ·
  </span>
);

const Mark = ({ mark, className }: { readonly mark: string; readonly className?: string }) => (
  <span aria-hidden="true" className={clsx('text-base', className)}>
    {mark}
  </span>
);
