import type { TargetSummary } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { UNKNOWN } from '../format/numbers.ts';
import { formatAgo, formatDateTime } from '../format/times.ts';
import { useEachSecond } from '../ui/use-now.ts';

/** Time since the last sample of a target, by the hub's clock. The exact time on hover. */
export function TargetSeen({
  target,
  className,
}: {
  readonly target: TargetSummary;
  readonly className?: string;
}) {
  const client = useBoonerClient();
  const { lastSeenAtMs } = target;
  const ago = useEachSecond(() =>
    lastSeenAtMs === null ? null : formatAgo(Math.max(0, client.hubNowMs() - lastSeenAtMs)),
  );
  if (lastSeenAtMs === null) return <span className={className}>{UNKNOWN}</span>;
  return (
    <time
      className={className}
      dateTime={new Date(lastSeenAtMs).toISOString()}
      title={formatDateTime(lastSeenAtMs)}
    >
      {ago}
    </time>
  );
}
