import type { BoonerClient, TaskState } from '@booner/client';
import { useCallback } from 'react';
import { useStore } from './use-store.ts';

const LOADING: TaskState = { type: 'loading' };

/** Returns one task, even one that ended long ago. */
export function useTask(id: string): TaskState {
  return useStore(
    useCallback((client: BoonerClient) => client.task(id), [id]),
    LOADING,
  );
}
