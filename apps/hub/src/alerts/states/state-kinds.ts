import type { AlertStateKind } from '@booner/protocol';
import { agentOutdated } from './agent-outdated.ts';
import { clockSkew } from './clock-skew.ts';
import { heartbeatMissed } from './heartbeat-missed.ts';
import { hostConflict } from './host-conflict.ts';
import { offline } from './offline.ts';
import { quarantined } from './quarantined.ts';
import type { StateKind } from './state-kind.ts';
import { taskFailed } from './task-failed.ts';

/** Every state that rules can watch. */
export const STATE_KINDS: Readonly<Record<AlertStateKind, StateKind>> = {
  offline,
  task_failed: taskFailed,
  clock_skew: clockSkew,
  agent_outdated: agentOutdated,
  host_conflict: hostConflict,
  quarantined,
  heartbeat_missed: heartbeatMissed,
};
