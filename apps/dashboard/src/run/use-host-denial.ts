import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { useFleet } from '../live/use-fleet.ts';
import { actionsQuery, LOOK_INTERVAL_MS } from './actions-query.ts';

export type HostDenial = {
  /** Reason why nothing can run on the host now. `null`: something can. */
  readonly text: string | null;
  /** Not known yet. */
  readonly isLoading: boolean;
};

/** Returns whether something can run on a host, and looks again regularly. */
export function useHostDenial(host: string): HostDenial {
  const client = useBoonerClient();
  const status = useFleet(({ targets }) => targets.get(host)?.status ?? null);
  const { data, error } = useQuery({
    ...actionsQuery(client, host),
    refetchInterval: LOOK_INTERVAL_MS,
  });
  if (data === undefined) {
    return { text: error?.message ?? 'Loading the actions of this target.', isLoading: error === null };
  }
  const known = (text: string | null): HostDenial => ({ text, isLoading: false });
  if (!data.online) return known(noRunnerText(host, status === 'offline'));
  return known(data.actions.length === 0 ? `The runner on ${host} offers no actions.` : null);
}

const noRunnerText = (host: string, isOffline: boolean): string =>
  isOffline ? `${host} is offline, so nothing can run on it.` : `No runner is connected on ${host}.`;
