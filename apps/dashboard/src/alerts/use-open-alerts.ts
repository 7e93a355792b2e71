import type { AlertList, ConnectionState } from '@booner/client';
import type { Alert } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useSyncExternalStore } from 'react';
import { type AlertCounts, alertsByHost, countAlerts, type HostAlerts } from './open-alerts.ts';

type Alerts = AlertList['alerts'];

/** Computes something of the open alerts once for all components, while they do not change. */
function onceFor<T>(of: (alerts: readonly Alert[]) => T): (list: AlertList) => T | null {
  const known = new WeakMap<Alerts, { readonly value: T }>();
  return ({ isLoaded, alerts }) => {
    if (!isLoaded) return null;
    let result = known.get(alerts);
    if (result === undefined) {
      result = { value: of([...alerts.values()]) };
      known.set(alerts, result);
    }
    return result.value;
  };
}

const listOf = onceFor((alerts) => alerts);
const countsOf = onceFor(countAlerts);
const hostsOf = onceFor(alertsByHost);

function useAlertList<T>(select: (list: AlertList) => T): T {
  const { alerts } = useBoonerClient();
  return useSyncExternalStore(alerts.subscribe, () => select(alerts.getSnapshot()));
}

/** Returns all open alerts, critical ones first, then the newest; `null` while unknown. */
export const useOpenAlerts = (): readonly Alert[] | null => useAlertList(listOf);

/** Returns how many alerts are open; `null` while unknown. */
export const useAlertCounts = (): AlertCounts | null => useAlertList(countsOf);

/** Returns what to show at a host; `null`: nothing. */
export const useHostAlerts = (host: string): HostAlerts | null =>
  useAlertList((list) => hostsOf(list)?.get(host) ?? null);

/** Returns how the alerts arrive. */
export function useAlertsConnection(): ConnectionState {
  const { alerts } = useBoonerClient().connections;
  return useSyncExternalStore(alerts.subscribe, alerts.getSnapshot);
}
