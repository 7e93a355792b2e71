import type { Quarantine, ShownIdentity, Target } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import clsx from 'clsx';
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { formatDateTime, formatDuration, formatMoment } from '../format/times.ts';
import { CommandLine } from '../ui/command-line.tsx';

type Warning = { readonly id: string; readonly isBad: boolean; readonly text: ReactNode };

export type TargetWarningsProps = {
  readonly target: Target;
  /** `null`: none, or unknown. */
  readonly identity: ShownIdentity['identity'];
};

/** A replaced identity is a warning for this long. After that it is a fact among others. */
const REPLACED_SHOWN_MS = 7 * 24 * 3_600_000;

/** Problems of a target, and how to fix them. */
export function TargetWarnings({ target, identity }: TargetWarningsProps) {
  const client = useBoonerClient();
  const warnings = [...warningsOf(target), ...identityWarnings(identity, client.hubNowMs())];
  if (warnings.length === 0) return null;
  return (
    <ul className="flex flex-col gap-2">
      {warnings.map(({ id, isBad, text }) => (
        <li
          key={id}
          className={clsx(
            'flex gap-2 rounded-md border px-4 py-2',
            isBad ? 'border-bad-fill bg-bad-wash' : 'border-warn-fill bg-warn-wash',
          )}
        >
          <TriangleAlert
            size={16}
            aria-hidden="true"
            className={clsx('mt-0.5 shrink-0', isBad ? 'text-bad' : 'text-warn')}
          />
          <span className="min-w-0 break-words">{text}</span>
        </li>
      ))}
    </ul>
  );
}

/** Says why a target is quarantined, and what to do. */
function QuarantineText({ quarantine }: { readonly quarantine: Quarantine }) {
  const { sinceMs, reason, redisLine } = quarantine;
  return (
    <span className="flex flex-col items-start gap-2">
      <span>
        Quarantined on {formatDateTime(sinceMs)}: {reason}. Its data are ignored.{' '}
        {redisLine === null
          ? 'Its Redis users are removed.'
          : 'This hub is not allowed to change Redis users. End its connections with this line in redis-cli:'}
      </span>
      {redisLine !== null && <CommandLine text={redisLine} />}
      <span>
        If its key may have been stolen, add the host again and replace its identity. Otherwise, find out why
        its agent sent so much, and release it.
      </span>
    </span>
  );
}

function identityWarnings(identity: ShownIdentity['identity'], nowMs: number): readonly Warning[] {
  if (!identity?.isReplacement || nowMs - identity.enrolledAtMs > REPLACED_SHOWN_MS) return [];
  const by = identity.enrolledBy === null ? '' : ` with a key of ${identity.enrolledBy}`;
  const text = `Its identity was replaced on ${formatDateTime(identity.enrolledAtMs)}${by}. If this was not intended, remove the host. The audit log has details.`;
  return [{ id: 'replaced', isBad: false, text }];
}

function warningsOf(target: Target): readonly Warning[] {
  const { status, lastSeenAtMs, clockSkewMs, conflictingInstances, quarantine = null } = target;
  const warnings: Warning[] = [];
  if (quarantine !== null) {
    warnings.push({
      id: 'quarantine',
      isBad: true,
      text: <QuarantineText quarantine={quarantine} />,
    });
  } else if (status === 'offline') {
    const since = lastSeenAtMs === null ? '' : ` since ${formatMoment(lastSeenAtMs, Date.now())}`;
    warnings.push({
      id: 'offline',
      isBad: true,
      text: `No data${since}. The values below are from then. Check that the host is up and that its agent is running and can reach Redis.`,
    });
  }
  if (conflictingInstances !== null && conflictingInstances.length > 1) {
    warnings.push({
      id: 'conflict',
      isBad: false,
      text: `${conflictingInstances.length} agents report as this host (${conflictingInstances.join(', ')}). The values shown are from one of them. Give each host its own BOONER_HOST_ID.`,
    });
  }
  if (clockSkewMs !== null) {
    const direction = clockSkewMs > 0 ? 'ahead of' : 'behind';
    warnings.push({
      id: 'clock',
      isBad: false,
      text: `Its clock is ${formatDuration(Math.abs(clockSkewMs))} ${direction} the hub's. Times on this page are the hub's. Correct the host's clock so that its own logs are right.`,
    });
  }
  return warnings;
}
