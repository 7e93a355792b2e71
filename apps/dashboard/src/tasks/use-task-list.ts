import type { ConnectionState, TaskList } from '@booner/client';
import { useBoonerClient } from '@booner/react';
import { useSyncExternalStore } from 'react';

/**
 * Returns every task that has not ended, and the most recently ended ones. Renders again at each
 * change of any of them.
 */
export function useTaskList(): TaskList {
  const { tasks } = useBoonerClient();
  return useSyncExternalStore(tasks.subscribe, tasks.getSnapshot);
}

/** Returns how the tasks arrive. */
export function useTasksConnection(): ConnectionState {
  const { tasks } = useBoonerClient().connections;
  return useSyncExternalStore(tasks.subscribe, tasks.getSnapshot);
}
