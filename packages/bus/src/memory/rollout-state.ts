import type { HostId, RolloutHead, RolloutHost, RolloutId, TaskId } from '@booner/protocol';
import { hostField, startsTasks } from '../stored-rollouts.ts';

/** A rollout as it is stored: values are JSON. */
export type StoredRollout = {
  fields: Record<string, string>;
  head: RolloutHead;
  isOpen: boolean;
  /** Position in the order of creation. */
  readonly sequence: number;
};

/** State of rollouts that a bus in memory keeps in place of Redis. */
export function createRolloutState() {
  const rollouts = new Map<RolloutId, StoredRollout>();
  return {
    rollouts,
    /** Returns true if a rollout begins tasks, and waits for this one. */
    wants: (rollout: RolloutId, host: HostId, task: TaskId): boolean => {
      const stored = rollouts.get(rollout);
      const text = stored?.fields[hostField(host)];
      if (stored === undefined || text === undefined || !startsTasks(stored.head)) return false;
      const { taskId, checkId, status } = JSON.parse(text) as RolloutHost;
      return (taskId === task && status === 'queued') || (checkId === task && status === 'checking');
    },
  };
}

export type RolloutState = ReturnType<typeof createRolloutState>;
