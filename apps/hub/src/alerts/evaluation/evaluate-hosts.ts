import type { LeaseBus } from '@booner/bus';
import type { HostId } from '@booner/protocol';
import { createFailureLog, type Logger, runLoop } from '@booner/service';
import { MAIN_SERVER } from '../../fleet/main-server.ts';
import type { FleetFeature } from '../../fleet/start-fleet.ts';
import { Turns } from '../../ws/turns.ts';
import type { Evaluator } from './evaluator.ts';
import type { Mutes } from './mutes.ts';

const TICK_MS = 500;

export type EvaluateHostsDeps = {
  readonly evaluator: Evaluator;
  readonly mutes: Pick<Mutes, 'noteStatus'>;
  readonly leases: Pick<LeaseBus, 'follow'>;
  readonly fleet: Pick<FleetFeature, 'onMeasured' | 'onTransitions'>;
  /** Called at each tick, before hosts are evaluated. */
  readonly onTick: () => void;
  /** Called for hosts that are no targets any more. */
  readonly onRemoved: (host: HostId) => void;
  /** Unix time. */
  readonly nowMs: () => number;
  readonly log: Logger;
};

/**
 * Evaluates hosts until the signal aborts: with each sample, at each transition, and twice a second
 * those that have sent no sample.
 */
export async function evaluateHosts(
  { evaluator, mutes, leases, fleet, onTick, onRemoved, nowMs, log }: EvaluateHostsDeps,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  fleet.onMeasured(({ subject, measurements }) => {
    if (subject !== MAIN_SERVER && !signal.aborted) evaluator.evaluate(subject, measurements);
  });
  fleet.onTransitions((transitions) => {
    for (const { entry, kind } of transitions) {
      if (kind === 'status') mutes.noteStatus(entry, nowMs());
      if (kind === 'removed') onRemoved(entry.host);
      evaluator.touch(entry.host);
    }
  });
  const unfollow = leases.follow({
    onGained: (gained) => evaluator.gain(gained.map(({ shard }) => shard)),
    onEnded: (ended) => evaluator.lose(ended.map(({ shard }) => shard)),
  });
  const tick = async () => {
    onTick();
    const turns = new Turns();
    for (const host of evaluator.timed()) {
      evaluator.evaluate(host, null);
      if (turns.isOver) await turns.next();
    }
  };
  const failures = createFailureLog(log, {
    failing: 'alerts cannot be evaluated',
    recovered: 'alerts are evaluated again',
  });
  try {
    await runLoop({ run: tick, intervalMs: TICK_MS, isAligned: true, failures }, { signal });
  } finally {
    unfollow();
  }
}
