import type { ShownSchedule } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CalendarPlus } from 'lucide-react';
import { useAccess } from '../../access/use-access.ts';
import { Loaded } from '../../alerts/loaded.tsx';
import { asSentence } from '../../live/connection-words.ts';
import { RolloutsPage } from '../../rollouts/rollouts-page.tsx';
import { paramsText } from '../../tasks/params-text.ts';
import { OnTargets } from '../../triggers/on-targets.tsx';
import { buttonClass } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { TimeAgo } from '../../ui/time-ago.tsx';
import { ScheduleCommands } from '../schedule-commands.tsx';
import { schedulesQuery } from '../schedule-queries.ts';
import { FiringWord, ScheduleStatusWord } from '../schedule-words.tsx';
import { TimeUntil } from '../time-until.tsx';

/** All schedules, by name. */
export function SchedulesView() {
  const list = useQuery(schedulesQuery(useBoonerClient()));
  const mayCreate = useAccess().may('operator');
  return (
    <RolloutsPage
      title="Schedules"
      commands={
        mayCreate && (
          <Link to="/dashboard/new-schedule" className={buttonClass('primary')}>
            <CalendarPlus size={16} aria-hidden="true" />
            New schedule
          </Link>
        )
      }
    >
      <Loaded query={list} what="the schedules">
        {(schedules) =>
          schedules.length === 0 ? (
            <EmptyState title="No schedules yet">
              A schedule starts a rollout by the clock: each night, every hour, or once.
            </EmptyState>
          ) : (
            <ul
              aria-label="Schedules"
              className="divide-y divide-line overflow-clip rounded-md border border-line bg-panel"
            >
              {schedules.map((schedule) => (
                <ScheduleRow key={schedule.name} schedule={schedule} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </RolloutsPage>
  );
}

function ScheduleRow({ schedule: shown }: { readonly schedule: ShownSchedule }) {
  const { name, words, schedule, paused, nextAtMs, firings } = shown;
  const [nextMs] = nextAtMs;
  const [last] = firings;
  const params = paramsText(schedule.params);
  return (
    <li className="relative grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-2 px-3 py-2.5 hover:bg-raised has-[a:focus-visible]:bg-raised sm:grid-cols-[5rem_minmax(0,1fr)_16rem] sm:items-center lg:grid-cols-[5rem_minmax(0,1fr)_20rem_14rem]">
      <span className="live-value max-sm:order-2">
        <ScheduleStatusWord schedule={shown} />
      </span>
      <div className="min-w-0 max-sm:order-1">
        <Link
          to="/dashboard/schedules/$name"
          params={{ name }}
          className="font-semibold wrap-anywhere after:absolute after:inset-0 after:content-[''] focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {name}
        </Link>
        <p className="wrap-anywhere">{words}</p>
        <p className="line-clamp-2 text-sm wrap-anywhere text-muted">
          {schedule.action} {params !== '' && `${params} `}
          <OnTargets trigger={schedule} />
        </p>
        {paused !== null && <p className="text-sm wrap-anywhere text-warn">{asSentence(paused)}</p>}
      </div>
      <div className="live-value min-w-0 text-sm max-sm:order-3 max-sm:col-span-2">
        <p>
          <span className="text-muted">Next: </span>
          {nextMs === undefined ? '–' : <TimeUntil atMs={nextMs} />}
        </p>
        {last === undefined ? (
          <p className="text-muted">It has not fired yet.</p>
        ) : (
          <>
            <p className="flex flex-wrap items-baseline gap-x-2">
              <span className="text-muted">
                Last: <TimeAgo atMs={last.dueAtMs} />
              </span>
              <FiringWord firing={last} />
            </p>
            {last.outcome === 'refused' && last.detail !== null && (
              <p className="line-clamp-2 wrap-anywhere text-muted">{asSentence(last.detail)}</p>
            )}
          </>
        )}
      </div>
      <div className="max-sm:order-4 max-sm:col-span-2 sm:max-lg:col-span-2 sm:max-lg:col-start-2 lg:justify-self-end">
        <ScheduleCommands schedule={shown} />
      </div>
    </li>
  );
}
