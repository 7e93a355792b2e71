import type { TaskId } from '@booner/protocol';
import { newInstanceId } from '@booner/protocol/instance-id';

/** Of all tasks of a host; in `booner.slice`. Who wants to bound what actions take together bounds this. */
export const TASKS_SLICE = 'booner-tasks.slice';

const prefixOf = (taskId: TaskId): string => `booner-task-${taskId}-`;

/** Name of a systemd unit for one attempt at a task: 52 characters of at most 255. A second attempt may start before the first unit is forgotten. */
export const newScopeName = (taskId: TaskId): string => `${prefixOf(taskId)}${newInstanceId()}.scope`;

/**
 * Whether a process is in a scope of the task, or below one.
 * @param cgroups text of /proc/<pid>/cgroup (cgroups(7)): a line a hierarchy, `<id>:<controllers>:<path>`, so that version 1, version 2 and both
 * at once are read alike
 */
export const isInTaskScope = (taskId: TaskId, cgroups: string): boolean =>
  cgroups.includes(`/${prefixOf(taskId)}`);
