import type { Fleet } from '@booner/client';
import { useBoonerClient } from '@booner/react';
import { useSyncExternalStore } from 'react';

/**
 * Returns a selected part of the fleet; `null` before the first data. The component renders again
 * when it is another object.
 */
export function useFleet<T>(select: (fleet: Fleet) => T): T | null {
  const { fleet } = useBoonerClient();
  return useSyncExternalStore(fleet.subscribe, () => {
    const known = fleet.getSnapshot();
    return known === null ? null : select(known);
  });
}
