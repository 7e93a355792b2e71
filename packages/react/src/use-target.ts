import type { BoonerClient, TargetState } from '@booner/client';
import { useCallback } from 'react';
import { useStore } from './use-store.ts';

const LOADING: TargetState = { type: 'loading' };

/** Returns one target in full: its inventory and its last sample. */
export function useTarget(host: string): TargetState {
  return useStore(
    useCallback((client: BoonerClient) => client.target(host), [host]),
    LOADING,
  );
}
