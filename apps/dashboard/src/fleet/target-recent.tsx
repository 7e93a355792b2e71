import type { TargetSummary } from '@booner/protocol';
import { Sparkline } from '../charts/sparkline.tsx';
import { RECENT_MS } from '../history/recent-history.ts';
import { useRecentCpu } from '../history/use-recent-cpu.ts';
import { useFleet } from '../live/use-fleet.ts';

/** CPU use of a target in the last five minutes. */
export function TargetRecent({
  target,
  className,
}: {
  readonly target: TargetSummary;
  readonly className: string;
}) {
  const { points, toMs } = useRecentCpu(target.host);
  // Of an agent that is faster than the stream only some samples come.
  const streamMs = useFleet((fleet) => fleet.intervalMs) ?? 0;
  return (
    <Sparkline
      points={points}
      fromMs={toMs - RECENT_MS}
      toMs={toMs}
      intervalMs={Math.max(target.intervalMs ?? 0, streamMs)}
      className={className}
    />
  );
}
