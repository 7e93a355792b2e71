import { type BoonerClient, BoonerError, type HistoryRecording } from '@booner/client';
import { useBoonerClient } from '@booner/react';
import { queryOptions, useQuery } from '@tanstack/react-query';

const LOOK_INTERVAL_MS = 30_000;
/** The hub keeps the last minutes only. */
const CONFLICT = 409;

export type Recording = HistoryRecording | { readonly state: 'off' };

/** Whether the hub records a history. */
const recordingQuery = (client: BoonerClient) =>
  queryOptions({
    queryKey: ['recording'],
    async queryFn({ signal }): Promise<Recording> {
      try {
        return await client.readRecording({ signal });
      } catch (error) {
        if (error instanceof BoonerError && error.status === CONFLICT) return { state: 'off' };
        throw error;
      }
    },
    retry: false,
    // A hub without a history, or whose state is not for this user, stays so until it is restarted.
    refetchInterval: ({ state: { data, error } }) => {
      const isRefused = error instanceof BoonerError && error.status !== null;
      return data?.state === 'off' || isRefused ? 10 * LOOK_INTERVAL_MS : LOOK_INTERVAL_MS;
    },
  });

/** Returns whether the hub records a history; `null` while unknown. */
export const useRecording = (): Recording | null => useQuery(recordingQuery(useBoonerClient())).data ?? null;
