import type { HostId, Task, TaskId } from '@booner/protocol';
import { newTask } from '@booner/protocol/new-task';

/** Returns a new task with some properties changed. */
export const makeTask = (id: string, changes: Partial<Task> = {}): Task => ({
  ...newTask({
    id: id as TaskId,
    host: '10.0.0.2' as HostId,
    action: 'countdown',
    params: {},
    external: false,
    createdAtMs: 1,
  }),
  ...changes,
});
