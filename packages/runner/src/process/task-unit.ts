import type { TaskId } from '@booner/protocol';
import { newInstanceId } from '@booner/protocol/instance-id';

/**
 * Holds all tasks of a host; within `booner.slice`. Limit this slice to limit all actions together.
 */
export const TASKS_SLICE = 'booner-tasks.slice';

const prefixOf = (taskId: TaskId): string => `booner-task-${taskId}-`;

/**
 * Returns a new systemd unit name for one attempt at a task: 54 characters of at most 255. It has a
 * random part, as a second attempt may start before systemd forgets the first unit.
 */
export const newUnitName = (taskId: TaskId): string => `${prefixOf(taskId)}${newInstanceId()}.service`;

/** Matches the units of all attempts at a task, as systemctl(1) matches names. */
export const unitsOf = (taskId: TaskId): string => `${prefixOf(taskId)}*`;

/**
 * Returns true if a process is in a unit of the task, or below one.
 * @param cgroups text of /proc/<pid>/cgroup (cgroups(7)): one line `<id>:<controllers>:<path>` for
 * each hierarchy, so that version 1, version 2 and both at once are read alike
 */
export const isInTaskUnit = (taskId: TaskId, cgroups: string): boolean =>
  cgroups.includes(`/${prefixOf(taskId)}`);
