import type { Task } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useMemo, useSyncExternalStore } from 'react';

const NEVER = () => () => undefined;

export type EarlierTask = {
  readonly task: Task | null;
  readonly isLoading: boolean;
  /** Message about it. */
  readonly note: string | null;
};

/** Returns the task that the form is filled from, if any. */
export function useEarlierTask(id: string | undefined): EarlierTask {
  const client = useBoonerClient();
  const store = useMemo(() => (id === undefined ? null : client.task(id)), [client, id]);
  const state = useSyncExternalStore(store?.subscribe ?? NEVER, () => store?.getSnapshot() ?? null);
  if (state === null) return { task: null, isLoading: false, note: null };
  switch (state.type) {
    case 'loading':
      return { task: null, isLoading: true, note: null };
    case 'found': {
      const hasSecrets = Object.values(state.task.params).includes('[redacted]');
      const secrets = hasSecrets ? ' Secrets are not stored: enter them again.' : '';
      return { task: state.task, isLoading: false, note: `Filled in from task ${state.task.id}.${secrets}` };
    }
    case 'unknown':
      return { task: null, isLoading: false, note: `Task ${id} no longer exists.` };
    case 'failed':
      return { task: null, isLoading: false, note: `Could not load task ${id}: ${state.error.message}.` };
    default:
      return state satisfies never;
  }
}
