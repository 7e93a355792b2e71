import type { AlertStateKind, FleetState } from '@booner/protocol';
import { agentOutdated } from './agent-outdated.ts';
import { clockSkew } from './clock-skew.ts';
import { heartbeatMissed } from './heartbeat-missed.ts';
import { hostConflict } from './host-conflict.ts';
import { offline } from './offline.ts';
import { quarantined } from './quarantined.ts';
import { rolloutApproval } from './rollout-approval.ts';
import { rolloutFailed } from './rollout-failed.ts';
import { rolloutPaused } from './rollout-paused.ts';
import { scheduleMissed } from './schedule-missed.ts';
import { scheduleSlow } from './schedule-slow.ts';
import type { FleetStateKind, StateKind } from './state-kind.ts';
import { taskFailed } from './task-failed.ts';
import { taskSlow } from './task-slow.ts';

type StateKinds = Readonly<Record<Exclude<AlertStateKind, FleetState>, StateKind>> &
  Readonly<Record<FleetState, FleetStateKind>>;

/** Every state that rules can watch. */
export const STATE_KINDS: StateKinds = {
  offline,
  task_failed: taskFailed,
  task_slow: taskSlow,
  clock_skew: clockSkew,
  agent_outdated: agentOutdated,
  host_conflict: hostConflict,
  quarantined,
  heartbeat_missed: heartbeatMissed,
  rollout_failed: rolloutFailed,
  rollout_approval: rolloutApproval,
  rollout_paused: rolloutPaused,
  schedule_missed: scheduleMissed,
  schedule_slow: scheduleSlow,
};
