import type { Alert, AlertSettingKind, BusState, Cursor } from '@booner/protocol';
import type { Connect } from '../connection/connect.ts';
import type { AlertRequests } from '../http/alert-requests.ts';
import { createHeldListeners } from '../store/held-listeners.ts';
import { createStore, type Store } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';
import { createPaced } from '../time/paced.ts';
import { AlertCache, type AlertChange } from './alert-cache.ts';
import { createAlertStream } from './alert-stream.ts';

/** Shortest time between two updates of the list. */
const PAUSE_MS = 50;

export type AlertList = {
  /** `false`: nothing is known yet, as opposed to no alerts. */
  readonly isLoaded: boolean;
  /** Unless `connected`, the hub receives no changes, so alerts may have changed. */
  readonly bus: BusState;
  /**
   * The open alerts by id, critical ones first, then the newest. An unchanged alert stays the same
   * object.
   */
  readonly alerts: ReadonlyMap<string, Alert>;
};

export type AlertPart = {
  /** Every alert that has not ended. */
  readonly alerts: Store<AlertList>;
  /**
   * Calls back for each change of an alert, in order, but not for the initial state. Keeps the
   * alert stream connected. Returns a function that unsubscribes.
   */
  onAlertChange(listener: (change: AlertChange) => void): () => void;
  /**
   * Calls back when settings of a kind have changed, or may have changed while no WebSocket was
   * open. Keeps the alert stream connected. Returns a function that unsubscribes.
   */
  onAlertSettings(listener: (kind: AlertSettingKind) => void): () => void;
};

export type AlertPartDeps = {
  readonly requests: Pick<AlertRequests, 'listAlerts'>;
  readonly connect: Connect;
  readonly url: (cursor: Cursor | null) => string;
  readonly clock: Clock;
  readonly intervalMs: () => number;
};

/** As `ALERT_SETTINGS` of the protocol, whose module would bring zod into pages. */
const SETTING_KINDS = Object.keys({
  rules: true,
  channels: true,
  silences: true,
  quietHours: true,
  heartbeats: true,
} satisfies Record<AlertSettingKind, true>) as readonly AlertSettingKind[];

export function createAlertPart({ requests, connect, url, clock, intervalMs }: AlertPartDeps) {
  const cache = new AlertCache();
  const hold = () => demand.hold();
  const changes = createHeldListeners<AlertChange>(hold);
  const settings = createHeldListeners<AlertSettingKind>(hold);
  const list = createStore<AlertList>({ isLoaded: false, bus: 'connecting', alerts: cache.alerts }, hold);
  const show = createPaced(
    () => {
      const { isLoaded, bus } = stream;
      const { alerts } = cache;
      const shown = list.getSnapshot();
      if (shown.isLoaded !== isLoaded || shown.bus !== bus || shown.alerts !== alerts) {
        list.set({ isLoaded, bus, alerts });
      }
    },
    PAUSE_MS,
    clock,
  );
  const stream = createAlertStream({
    requests,
    url,
    intervalMs,
    cache,
    onChange(changed) {
      show.request();
      for (const change of changed) changes.call(change);
    },
    onBus: () => show.request(),
    onSettings(kind) {
      for (const each of kind === null ? SETTING_KINDS : [kind]) settings.call(each);
    },
  });
  const { connection, demand } = connect(stream);
  const part: AlertPart = { alerts: list, onAlertChange: changes.add, onAlertSettings: settings.add };
  return {
    part,
    connection,
    close() {
      demand.end();
      show.cancel();
    },
  };
}
