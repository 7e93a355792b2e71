import type { TaskProcesses } from './task-processes.ts';

/** Fallback where there is no /proc: the process group as one, without processes that left it. */
export const processGroup = (groupId: number): TaskProcesses => ({
  find: async () =>
    isThere(groupId)
      ? [{ pid: groupId, name: 'group', state: '?', parentPid: 0, groupId, startTicks: 0 }]
      : [],
});

function isThere(groupId: number): boolean {
  try {
    process.kill(-groupId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
