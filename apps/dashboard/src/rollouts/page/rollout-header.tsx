import type { Rollout } from '@booner/protocol';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { formatCount } from '../../format/numbers.ts';
import { formatDuration, formatMinute } from '../../format/times.ts';
import { asSentence } from '../../live/connection-words.ts';
import { creatorName } from '../../tasks/creator-name.ts';
import { paramsText } from '../../tasks/params-text.ts';
import { Panel } from '../../ui/panel.tsx';
import { TimeAgo } from '../../ui/time-ago.tsx';
import { RolloutBar } from '../rollout-bar.tsx';
import { batchText, progressOf } from '../rollout-status.ts';
import { RolloutStatusWord } from '../status-words.tsx';

export type RolloutHeaderProps = {
  readonly rollout: Rollout;
  readonly commands: ReactNode;
};

/** What runs where, its status and the reason for it, and how far it is. */
export function RolloutHeader({ rollout, commands }: RolloutHeaderProps) {
  const { request, status, reason, counts, gate, createdAtMs, rollbackOf } = rollout;
  const { hosts, done, failed } = progressOf(counts);
  const params = paramsText(request.params);
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="flex min-w-0 flex-wrap items-baseline gap-x-3">
          <h1 className="min-w-0 text-xl font-semibold wrap-anywhere outline-none">{request.action}</h1>
          <span className="text-muted">
            on <span className="font-mono text-sm text-ink">{request.selector}</span>
          </span>
          <span className="live-value min-w-28 text-lg" role="status">
            <RolloutStatusWord status={status} />
          </span>
        </div>
        {commands}
      </div>
      <Panel>
        {reason !== null && <p className="mb-2 text-lg wrap-anywhere">{asSentence(reason)}</p>}
        <RolloutBar counts={counts} label={`Progress of ${request.action}`} isLarge />
        <p className="live-value mt-2">
          {formatCount(done)} of {formatCount(hosts)} hosts done
          {failed > 0 && (
            <>
              , <span className="font-semibold text-bad">{formatCount(failed)} failed</span>
            </>
          )}
          <span className="text-muted"> · {batchText(rollout)}</span>
          {gate?.approval != null && (
            <span className="text-muted"> · approve by {formatMinute(gate.approval.expiresAtMs)}</span>
          )}
        </p>
        <p className="mt-1 flex flex-wrap gap-x-4 text-sm text-muted">
          {params !== '' && <span className="font-mono wrap-anywhere text-ink">{params}</span>}
          <span>
            Created <TimeAgo atMs={createdAtMs} />
            <By rollout={rollout} />
          </span>
          <Took rollout={rollout} />
          {rollbackOf !== null && (
            <Link
              to="/dashboard/rollouts/$rolloutId"
              params={{ rolloutId: rollbackOf }}
              className={linkClass}
            >
              Rolls back another rollout
            </Link>
          )}
        </p>
      </Panel>
    </>
  );
}

const linkClass = 'text-accent underline underline-offset-2';

/** The person, schedule or hook that started it. */
function By({ rollout: { createdBy, schedule, hook } }: { readonly rollout: Rollout }) {
  if (schedule !== null) {
    return (
      <>
        {' by the schedule '}
        <Link to="/dashboard/schedules/$name" params={{ name: schedule }} className={linkClass}>
          {schedule}
        </Link>
      </>
    );
  }
  if (hook !== null) {
    return (
      <>
        {' by the hook '}
        <Link to="/dashboard/hooks/$name" params={{ name: hook }} className={linkClass}>
          {hook}
        </Link>
      </>
    );
  }
  return createdBy === null ? null : ` by ${creatorName(createdBy)}`;
}

function Took({ rollout: { startedAtMs, endedAtMs } }: { readonly rollout: Rollout }) {
  if (startedAtMs === null) return null;
  if (endedAtMs === null) {
    return (
      <span>
        Started <TimeAgo atMs={startedAtMs} />
      </span>
    );
  }
  return <span>Took {formatDuration(endedAtMs - startedAtMs, { withTenths: true })}</span>;
}
