import { BoonerError } from '@booner/client';
import type { Firing, ShownSchedule } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Loaded } from '../../alerts/loaded.tsx';
import { formatDateTime, formatDuration } from '../../format/times.ts';
import { asSentence } from '../../live/connection-words.ts';
import { creatorName } from '../../tasks/creator-name.ts';
import { paramsText } from '../../tasks/params-text.ts';
import { EditLink } from '../../triggers/edit-link.tsx';
import { OnTargets } from '../../triggers/on-targets.tsx';
import { buttonClass } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { TimeAgo } from '../../ui/time-ago.tsx';
import { useTitle } from '../../ui/use-title.ts';
import { ScheduleCommands } from '../schedule-commands.tsx';
import { scheduleQuery } from '../schedule-queries.ts';
import { detailOf, FiringWord, ScheduleStatusWord } from '../schedule-words.tsx';
import { TimeUntil } from '../time-until.tsx';

const route = getRouteApi('/dashboard/schedules/$name');

/** One schedule: when it fires next, and what became of its last firings. */
export function ScheduleView() {
  const { name } = route.useParams();
  useTitle(`Schedule ${name}`);
  const query = useQuery(scheduleQuery(useBoonerClient(), name));
  if (query.error instanceof BoonerError && query.error.code === 'not_found') {
    return (
      <EmptyState title="Schedule not found" isPage>
        <p className="mb-4">It never existed, or somebody has removed it.</p>
        <Link to="/dashboard/schedules" className={buttonClass('primary')}>
          Go to schedules
        </Link>
      </EmptyState>
    );
  }
  return (
    <Loaded query={query} what="the schedule">
      {(schedule) => <Schedule schedule={schedule} />}
    </Loaded>
  );
}

function Schedule({ schedule: shown }: { readonly schedule: ShownSchedule }) {
  const { name, words, schedule, paused, queuedAtMs, createdBy, changedAtMs } = shown;
  const params = paramsText(schedule.params);
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="flex min-w-0 flex-wrap items-baseline gap-x-3">
          <h1 className="min-w-0 text-xl font-semibold wrap-anywhere outline-none">{name}</h1>
          <span className="live-value text-lg" role="status">
            <ScheduleStatusWord schedule={shown} />
          </span>
        </div>
        <ScheduleCommands schedule={shown}>
          {({ mayChange }) => mayChange && <EditLink to="/dashboard/schedules/$name/edit" name={name} />}
        </ScheduleCommands>
      </div>
      <Panel>
        <p className="text-lg wrap-anywhere">{words}</p>
        <p className="mt-1 wrap-anywhere">
          {schedule.action} {params !== '' && <span className="font-mono text-sm">{params}</span>}{' '}
          <span className="text-muted">
            <OnTargets trigger={schedule} />
          </span>
        </p>
        {paused !== null && <p className="mt-2 wrap-anywhere text-warn">{asSentence(paused)}</p>}
        {queuedAtMs !== null && (
          <p className="mt-2">The firing of {formatDateTime(queuedAtMs)} waits for the rollout before.</p>
        )}
        <p className="mt-2 flex flex-wrap gap-x-4 text-sm text-muted">
          {factsOf(shown).map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
          <span>
            Set <TimeAgo atMs={changedAtMs} />
            {createdBy !== null && ` by ${creatorName(createdBy)}`}
          </span>
        </p>
      </Panel>
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,2fr)]">
        <NextTimes schedule={shown} />
        <Firings firings={shown.firings} />
      </div>
    </div>
  );
}

/** Returns the settings that a reader of the firings needs. */
function factsOf({ schedule }: ShownSchedule): readonly string[] {
  const { overlap, catchUp, jitterSeconds, blackout, tooLongSeconds, batches, maxFailures } = schedule;
  return [
    `Batches ${batches.join(', ')}`,
    `Failures allowed ${maxFailures}`,
    ...(overlap === 'queue' ? ['Waits for the rollout before'] : []),
    ...(catchUp === 'last' ? ['Fires late if no hub ran'] : []),
    ...(jitterSeconds > 0 ? [`Late by up to ${formatDuration(jitterSeconds * 1000)}`] : []),
    ...(blackout.length > 0 ? [`Quiet in ${blackout.join(', ')}`] : []),
    ...(tooLongSeconds === undefined ? [] : [`Too long after ${formatDuration(tooLongSeconds * 1000)}`]),
  ];
}

function NextTimes({ schedule: { nextAtMs, paused, schedule } }: { readonly schedule: ShownSchedule }) {
  return (
    <Panel title="Next times">
      {nextAtMs.length === 0 ? (
        <p className="text-muted">{whyNever(paused !== null, schedule.enabled)}</p>
      ) : (
        <>
          <ol aria-label="Next times" className="live-value flex flex-col gap-1">
            {nextAtMs.map((atMs) => (
              <li key={atMs} className="flex flex-wrap justify-between gap-x-4">
                <span>{formatDateTime(atMs)}</span>
                <span className="text-sm text-muted">
                  <TimeUntil atMs={atMs} />
                </span>
              </li>
            ))}
          </ol>
          <p className="mt-2 text-sm text-muted">In your time zone.</p>
        </>
      )}
    </Panel>
  );
}

function whyNever(isPaused: boolean, isEnabled: boolean): string {
  if (isPaused) return 'It is paused. Resume it to let it fire.';
  return isEnabled ? 'It has no further time.' : 'It is switched off. Edit it to enable it.';
}

function Firings({ firings }: { readonly firings: readonly Firing[] }) {
  return (
    <Panel title="Last firings">
      {firings.length === 0 ? (
        <p className="text-muted">It has not fired yet.</p>
      ) : (
        <ul aria-label="Last firings" className="-my-2 divide-y divide-line">
          {firings.map((firing) => (
            <FiringRow key={firing.dueAtMs} firing={firing} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function FiringRow({ firing }: { readonly firing: Firing }) {
  const { dueAtMs, atMs, endedAtMs, rolloutId } = firing;
  const detail = detailOf(firing);
  return (
    <li className="live-value py-2">
      <div className="flex flex-wrap items-baseline gap-x-4">
        <span className="w-48">{formatDateTime(dueAtMs)}</span>
        <span className="grow">
          <FiringWord firing={firing} />
        </span>
        {rolloutId !== null && endedAtMs !== null && (
          <span className="text-sm text-muted">
            took {formatDuration(endedAtMs - atMs, { withTenths: true })}
          </span>
        )}
      </div>
      {detail !== null && <p className="text-sm wrap-anywhere text-muted">{asSentence(detail)}</p>}
    </li>
  );
}
