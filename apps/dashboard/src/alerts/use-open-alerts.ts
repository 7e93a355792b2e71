import type { Alert } from '@booner/protocol';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { alertsApi } from './alerts-api.ts';
import { type AlertCounts, alertsByHost, countAlerts, type HostAlerts } from './open-alerts.ts';

const LOOK_AGAIN_MS = 5000;
const MOST = 1000;

const openAlertsQuery = () =>
  queryOptions({
    queryKey: ['alerts', 'open'],
    queryFn: async ({ signal }) =>
      (await alertsApi.listAlerts({ status: 'firing', limit: MOST }, { signal })).alerts,
    refetchInterval: LOOK_AGAIN_MS,
  });

export const useOpenAlertsQuery = () => useQuery(openAlertsQuery());

/** Returns all open alerts; `null` while unknown. */
export const useOpenAlerts = (): readonly Alert[] | null => useOpenAlertsQuery().data ?? null;

export const useAlertCounts = (): AlertCounts | null =>
  useQuery({ ...openAlertsQuery(), select: countAlerts }).data ?? null;

/** Returns what to show at a host; `null`: nothing. */
export function useHostAlerts(host: string): HostAlerts | null {
  const { data } = useQuery({ ...openAlertsQuery(), select: alertsByHost });
  return data?.get(host) ?? null;
}
