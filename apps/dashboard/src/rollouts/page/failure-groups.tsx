import type { RolloutHost } from '@booner/protocol';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { formatCount } from '../../format/numbers.ts';
import { Button } from '../../ui/button.tsx';
import { Panel } from '../../ui/panel.tsx';
import { useMedia, WIDE } from '../../ui/use-media.ts';
import { type FailureGroup, groupFailures, taskOf } from '../group-failures.ts';

/** Hosts of a group that are listed at first, in a wide and in a narrow window. */
const FIRST_SHOWN = 12;
const FIRST_SHOWN_NARROW = 4;

export type FailureGroupsProps = {
  readonly title: string;
  readonly hosts: readonly RolloutHost[];
  readonly status: 'failed' | 'skipped';
};

/** Hosts with a status by the reason, each with its task. Nothing without any. */
export function FailureGroups({ title, hosts, status }: FailureGroupsProps) {
  const groups = useMemo(() => groupFailures(hosts, status), [hosts, status]);
  if (groups.length === 0) return null;
  return (
    <Panel title={title}>
      <ul className="-mb-3 divide-y divide-line">
        {groups.map((group) => (
          <Group key={group.error} group={group} isFailure={status === 'failed'} />
        ))}
      </ul>
    </Panel>
  );
}

function Group({
  group: { error, hosts },
  isFailure,
}: {
  readonly group: FailureGroup;
  readonly isFailure: boolean;
}) {
  const [isWhole, setWhole] = useState(false);
  const first = useMedia(WIDE) ? FIRST_SHOWN : FIRST_SHOWN_NARROW;
  const shown = isWhole ? hosts : hosts.slice(0, first);
  return (
    <li className="py-3 first:pt-0">
      <p className="flex gap-3">
        <span className={isFailure ? 'live-value min-w-0 text-bad wrap-anywhere' : 'min-w-0 wrap-anywhere'}>
          {isFailure && <span aria-hidden="true">✕ </span>}
          {error}
        </span>
        <span className="ml-auto whitespace-nowrap text-muted">
          {formatCount(hosts.length)} {hosts.length === 1 ? 'host' : 'hosts'}
        </span>
      </p>
      <p className="mt-1 flex flex-wrap items-center gap-x-4 text-sm">
        {shown.map((host) => (
          <HostLink key={host.index} host={host} />
        ))}
        {shown.length < hosts.length && (
          <Button variant="ghost" onClick={() => setWhole(true)}>
            Show all {formatCount(hosts.length)}
          </Button>
        )}
      </p>
    </li>
  );
}

const linkClass = 'underline underline-offset-2 wrap-anywhere hover:text-accent pointer-coarse:py-2.5';

function HostLink({ host }: { readonly host: RolloutHost }) {
  const taskId = taskOf(host);
  return taskId === null ? (
    <Link to="/dashboard/targets/$host" params={{ host: host.host }} className={linkClass}>
      {host.host}
    </Link>
  ) : (
    <Link
      to="/dashboard/tasks/$taskId"
      params={{ taskId }}
      className={linkClass}
      title={`Task ${taskId}`}
      preload={false}
    >
      {host.host}
    </Link>
  );
}
