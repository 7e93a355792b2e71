import type { ConnectionState, TaskList } from '@booner/client';
import { useBoonerClient } from '@booner/react';
import { useSyncExternalStore } from 'react';

/** Every task that has not ended and those that ended last. Drawn again at each change of any of them. */
export function useTaskList(): TaskList {
  const { tasks } = useBoonerClient();
  return useSyncExternalStore(tasks.subscribe, tasks.getSnapshot);
}

/** How the tasks come. */
export function useTasksConnection(): ConnectionState {
  const { tasks } = useBoonerClient().connections;
  return useSyncExternalStore(tasks.subscribe, tasks.getSnapshot);
}
