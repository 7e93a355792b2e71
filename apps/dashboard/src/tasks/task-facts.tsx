import type { Task } from '@booner/protocol';
import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import { formatCount, UNKNOWN } from '../format/numbers.ts';
import { formatDateTime, formatDuration, formatMoment } from '../format/times.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { Panel } from '../ui/panel.tsx';
import { TimeAgo } from '../ui/time-ago.tsx';
import { creatorName } from './creator-name.ts';
import { Since, TaskDuration } from './task-duration.tsx';

/** Action, host, times and parameters of a task. */
export function TaskFacts({ task }: { readonly task: Task }) {
  const { id, host, action, params, external, attempt, cancelRequestedAtMs, createdBy, rollout } = task;
  const parameters = Object.entries(params);
  return (
    <Panel title="Task" aside={<CopyButton text={id} label="Copy id" />}>
      <Facts
        facts={[
          ['Action', action],
          [
            'Host',
            <Link
              key="host"
              to="/dashboard/targets/$host"
              params={{ host }}
              className="text-accent underline underline-offset-2 pointer-coarse:-my-2.5 pointer-coarse:inline-block pointer-coarse:py-2.5"
            >
              {host}
            </Link>,
          ],
          task.check === true && ['Kind', 'dry run, which changes nothing'],
          ['Run by', external ? 'another program' : 'the runner'],
          createdBy !== null && ['Started by', <Creator key="creator" subject={createdBy} />],
          rollout != null && [
            'Rollout',
            <Link
              key="rollout"
              to="/dashboard/rollouts/$rolloutId"
              params={{ rolloutId: rollout }}
              className="text-accent underline underline-offset-2 pointer-coarse:-my-2.5 pointer-coarse:inline-block pointer-coarse:py-2.5"
            >
              {rollout}
            </Link>,
          ],
          ['Attempt', attempt === 0 ? UNKNOWN : attemptText(task)],
          ['Created', <Moment key="created" atMs={task.createdAtMs} />],
          ['Waited', <Waited key="waited" task={task} />],
          ['Started', <Moment key="started" atMs={task.startedAtMs} />],
          ['Ran for', <TaskDuration key="ran" task={task} />],
          ['Ended', <Moment key="ended" atMs={task.endedAtMs} />],
          cancelRequestedAtMs !== null && [
            'Cancel requested',
            <Moment key="cancel" atMs={cancelRequestedAtMs} />,
          ],
        ]}
      />
      <h3 className="mt-4 mb-2 font-semibold">Parameters</h3>
      {parameters.length === 0 ? (
        <p className="text-muted">None</p>
      ) : (
        <Facts
          facts={parameters.map(([name, value]) => [
            name,
            <span key={name} className="font-mono text-sm">
              {typeof value === 'string' ? value : JSON.stringify(value)}
            </span>,
          ])}
        />
      )}
      <p className="mt-4 border-t border-line pt-3 font-mono text-xs break-all text-muted">{id}</p>
    </Panel>
  );
}

function Facts({ facts }: { readonly facts: readonly (readonly [string, ReactNode] | false)[] }) {
  return (
    <dl className="grid grid-cols-[minmax(5rem,auto)_minmax(0,1fr)] gap-x-4 gap-y-1.5">
      {facts.map(
        (fact) =>
          fact !== false && (
            <Fragment key={fact[0]}>
              <dt className="break-words text-muted">{fact[0]}</dt>
              <dd className="break-words">{fact[1]}</dd>
            </Fragment>
          ),
      )}
    </dl>
  );
}

/** A name. The id of its credential, which makes it unique, is in the tooltip. */
function Creator({ subject }: { readonly subject: string }) {
  return <span title={subject}>{creatorName(subject)}</span>;
}

function Moment({ atMs }: { readonly atMs: number | null }) {
  if (atMs === null) return UNKNOWN;
  return (
    <>
      <time dateTime={new Date(atMs).toISOString()} title={formatDateTime(atMs)}>
        {formatMoment(atMs, Date.now())}
      </time>{' '}
      <TimeAgo atMs={atMs} className="text-sm whitespace-nowrap text-muted" />
    </>
  );
}

/** Time from creation to start, or to the end if it never started. */
function Waited({ task: { createdAtMs, startedAtMs, endedAtMs } }: { readonly task: Task }) {
  const untilMs = startedAtMs ?? endedAtMs;
  return untilMs === null ? (
    <Since atMs={createdAtMs} />
  ) : (
    formatDuration(untilMs - createdAtMs, { withTenths: true })
  );
}

/** Hubs before 0.2 send no limit. */
const attemptText = ({ attempt, maxAttempts }: Task): string =>
  maxAttempts == null ? formatCount(attempt) : `${formatCount(attempt)} of ${formatCount(maxAttempts)}`;
