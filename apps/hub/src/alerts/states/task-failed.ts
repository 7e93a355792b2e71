import type { StateKind } from './state-kind.ts';

/** One alert for each action: it holds until a task of the same action ends well. */
export const taskFailed: StateKind = {
  title: 'Task failed',
  word: 'failed',
  isKnownOffline: true,
  read: ({ endedTasks }) =>
    endedTasks.map(({ action, hasFailed, isNews }) => ({
      device: action,
      holds: hasFailed,
      ...(!isNews && { isOld: true }),
    })),
};
