import type { AlertList, BoonerClient } from '@booner/client';
import type { Alert } from '@booner/protocol';
import { type Delivered, deliver, NOT_YET } from './delivery.ts';
import { deriveStore, perClient } from './derive-store.ts';
import { useStore } from './use-store.ts';
import { useWithAge, type WithAge } from './use-with-age.ts';

type View = Delivered & {
  /**
   * Critical ones first, then the newest. Empty while loading. An unchanged alert stays the same
   * object.
   */
  readonly alerts: readonly Alert[];
};

export type AlertsView = WithAge<View>;

const NONE: readonly Alert[] = [];
const INITIAL: View = { alerts: NONE, ...NOT_YET };

const connectionOf = ({ connections }: BoonerClient) => connections.alerts;

const viewOf = perClient<View>((client) => {
  const list = deriveStore<[AlertList], readonly Alert[] | null>([client.alerts], ([{ isLoaded, alerts }]) =>
    isLoaded ? [...alerts.values()] : null,
  );
  return deliver(list, connectionOf(client), (alerts, delivered) => ({
    alerts: alerts ?? NONE,
    ...delivered,
  }));
});

/** Returns every alert that has not ended. */
export function useAlerts(): AlertsView {
  return useWithAge(useStore(viewOf, INITIAL), connectionOf);
}
