import { useBoonerClient } from '@booner/react';
import { useSyncExternalStore } from 'react';

/** Returns the number of running tasks; `null` while unknown. */
export function useRunningCount(): number | null {
  const { tasks } = useBoonerClient();
  return useSyncExternalStore(tasks.subscribe, () => {
    const { isLoaded, tasks: all } = tasks.getSnapshot();
    if (!isLoaded) return null;
    let count = 0;
    for (const { status } of all.values()) if (status === 'running') count++;
    return count;
  });
}
