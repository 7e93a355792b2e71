import type { TargetSummary } from '@booner/protocol';
import { HISTORY_RANGES_MS } from '@booner/protocol/limits';
import { useBoonerClient } from '@booner/react';
import { useMemo, useSyncExternalStore } from 'react';
import { Sparkline } from '../charts/sparkline.tsx';
import { useFleet } from '../live/use-fleet.ts';

/** CPU use of a target in the last five minutes, drawn again with each frame of the hub. */
export function TargetRecent({
  target,
  className,
}: {
  readonly target: TargetSummary;
  readonly className: string;
}) {
  const client = useBoonerClient();
  const recent = useMemo(() => client.recentCpu(target.host), [client, target.host]);
  const points = useSyncExternalStore(recent.subscribe, recent.getSnapshot);
  const toMs = useFleet((fleet) => fleet.sentAtMs) ?? 0;
  // If the agent is faster than the stream, only some of its samples arrive.
  const streamMs = useFleet((fleet) => fleet.intervalMs) ?? 0;
  return (
    <Sparkline
      points={points}
      fromMs={toMs - HISTORY_RANGES_MS['5m']}
      toMs={toMs}
      intervalMs={Math.max(target.intervalMs ?? 0, streamMs)}
      className={className}
    />
  );
}
