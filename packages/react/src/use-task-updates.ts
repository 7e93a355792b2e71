import type { BoonerClient, TaskList } from '@booner/client';
import type { Task, TaskMap } from '@booner/protocol';
import { type Delivered, deliver, NOT_YET } from './delivery.ts';
import { deriveStore, perClient } from './derive-store.ts';
import { keepSame } from './keep-same.ts';
import { useStore } from './use-store.ts';
import { useWithAge, type WithAge } from './use-with-age.ts';

type View = Delivered & {
  /**
   * The content of `/ws/tasks/updates`: `status`, `result` and `error` by id. Empty while loading.
   */
  readonly tasks: TaskMap;
};

export type TaskUpdatesView = WithAge<View>;

const NONE: TaskMap = {};
const INITIAL: View = { tasks: NONE, ...NOT_YET };

const connectionOf = ({ connections }: BoonerClient) => connections.tasks;

const viewOf = perClient<View>((client) => {
  const map = deriveStore<[TaskList], TaskMap | null>([client.tasks], ([{ isLoaded, tasks }], before) => {
    if (!isLoaded) return null;
    return Object.fromEntries(
      [...tasks.values()].map((task) => [task.id, keepSame(before?.[task.id], entryOf(task))]),
    );
  });
  return deliver(map, connectionOf(client), (tasks, delivered) => ({ tasks: tasks ?? NONE, ...delivered }));
});

/**
 * Returns every task that has not ended, and the most recently ended ones. Changes with a status, a
 * result or an error, not with progress.
 */
export function useTaskUpdates(): TaskUpdatesView {
  return useWithAge(useStore(viewOf, INITIAL), connectionOf);
}

const entryOf = ({ status, result, error }: Task): TaskMap[string] => ({
  status,
  ...(result !== null && { result }),
  ...(error !== null && { error }),
});
