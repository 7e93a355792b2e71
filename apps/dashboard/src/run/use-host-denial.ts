import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { useFleet } from '../live/use-fleet.ts';
import { actionsQuery, LOOK_INTERVAL_MS } from './actions-query.ts';

/** Returns why nothing can run on a host now. `null`: something can. */
export function useHostDenial(host: string): string | null {
  const client = useBoonerClient();
  const status = useFleet(({ targets }) => targets.get(host)?.status ?? null);
  const { data, error } = useQuery({
    ...actionsQuery(client, host),
    refetchInterval: LOOK_INTERVAL_MS,
  });
  if (data === undefined) return error?.message ?? 'Loading the actions of this target.';
  if (!data.online) return noRunnerText(host, status === 'offline');
  return data.actions.length === 0 ? `The runner on ${host} offers no actions.` : null;
}

const noRunnerText = (host: string, isOffline: boolean): string =>
  isOffline ? `${host} is offline, so nothing can run on it.` : `No runner is connected on ${host}.`;
