import type { StateKind } from './state-kind.ts';

/** One alert for each action, while a task of it runs far longer than usual. */
export const taskSlow: StateKind = {
  title: 'Task is slow',
  word: 'slow',
  isKnownOffline: true,
  endsWithDevice: true,
  read: ({ longTasks }) =>
    Array.from(
      Map.groupBy(longTasks, ({ action }) => action),
      ([device, tasks]) => ({
        device,
        holds:
          tasks.some(({ isSlow }) => isSlow) ||
          (tasks.every(({ isSlow }) => isSlow === false) ? false : null),
      }),
    ),
};
