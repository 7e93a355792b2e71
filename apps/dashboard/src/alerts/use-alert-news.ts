import { useBoonerClient } from '@booner/react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ENDED_KEY } from './alert-queries.ts';

/** Reads settings again when somebody changes them, and the history when an alert ends. */
export function useAlertNews(): void {
  const client = useBoonerClient();
  const queries = useQueryClient();
  useEffect(() => {
    const leave = [
      client.onAlertSettings((kind) => void queries.invalidateQueries({ queryKey: ['alerts', kind] })),
      client.onAlertChange(({ alert }) => {
        if (alert === null || alert.endedAtMs !== null) {
          void queries.invalidateQueries({ queryKey: ENDED_KEY });
        }
      }),
    ];
    return () => {
      for (const each of leave) each();
    };
  }, [client, queries]);
}
