import type { TargetSummary } from '@booner/protocol';
import { Sparkline } from '../charts/sparkline.tsx';
import { RECENT_MS } from '../history/recent-history.ts';
import { useRecentCpu } from '../history/use-recent-cpu.ts';

const DEFAULT_INTERVAL_MS = 3000;

/** CPU use of a target in the last five minutes. */
export function TargetRecent({
  target,
  className,
}: {
  readonly target: TargetSummary;
  readonly className: string;
}) {
  const { points, toMs } = useRecentCpu(target.host);
  return (
    <Sparkline
      points={points}
      fromMs={toMs - RECENT_MS}
      toMs={toMs}
      intervalMs={target.intervalMs ?? DEFAULT_INTERVAL_MS}
      className={className}
    />
  );
}
