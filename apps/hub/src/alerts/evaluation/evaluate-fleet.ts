import type { LeaseBus, RolloutBus } from '@booner/bus';
import { shardOf } from '@booner/protocol/shard';
import { createFailureLog, type Logger, runLoop } from '@booner/service';
import type { Evaluator } from './evaluator.ts';
import type { FleetWork } from './fleet-work.ts';

const INTERVAL_MS = 5000;
const SHARD = shardOf(null);

export type EvaluateFleetDeps = {
  readonly evaluator: Pick<Evaluator, 'evaluateFleet'>;
  readonly work: FleetWork;
  readonly rollouts: Pick<RolloutBus, 'whenConnected'>;
  readonly leases: Pick<LeaseBus, 'leaseOf'>;
  readonly log: Logger;
};

/** Evaluates rules on rollouts and schedules every 5 s, until the signal aborts. */
export async function evaluateFleet(
  { evaluator, work, rollouts, leases, log }: EvaluateFleetDeps,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  const tick = async () => {
    if (leases.leaseOf(SHARD) === null) work.reset();
    else evaluator.evaluateFleet(await work.read());
  };
  const failures = createFailureLog(log, {
    failing: 'alerts about rollouts and schedules cannot be evaluated',
    recovered: 'alerts about rollouts and schedules are evaluated again',
  });
  const ready = rollouts.whenConnected;
  await runLoop({ run: tick, intervalMs: INTERVAL_MS, isAligned: true, ready, failures }, { signal });
}
