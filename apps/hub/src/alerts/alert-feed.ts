import type { AlertBus, AlertEvent } from '@booner/bus';
import type { AlertServerMessage, HostId } from '@booner/protocol';
import { type EncodedFrame, encodeFrame } from '../ws/broadcast-frame.ts';
import type { EventFeed } from '../ws/subscriptions.ts';
import type { HostScope } from '../ws/views.ts';
import type { AlertJson } from './alert-json.ts';
import type { AlertTail } from './alert-tail.ts';
import { type AlertBoard, isOpen } from './board/alert-board.ts';
import { readsAlert } from './reads-alert.ts';

export type AlertFeedDeps = {
  readonly bus: Pick<AlertBus, 'connection'>;
  readonly board: Pick<AlertBoard, 'isLoaded' | 'cursor' | 'open'>;
  readonly json: AlertJson;
  readonly tail: Pick<AlertTail, 'read'>;
};

export const encodeMessage = (message: AlertServerMessage): EncodedFrame =>
  encodeFrame(JSON.stringify(message));

/** The events of alerts, for subscriptions. Alerts are encoded once, and events once per scope. */
export function alertFeed({ bus, board, json, tail }: AlertFeedDeps): EventFeed<AlertEvent> {
  const encoderOf = (event: AlertEvent): Encoder => {
    const { cursor } = event;
    if (event.type === 'settings') {
      const encoded = { frame: encodeMessage({ type: 'settings', cursor, kind: event.kind }), hosts: [] };
      return () => encoded;
    }
    const alerts = event.changes.flatMap(({ key: { host }, after, ended }) => [
      ...(ended === null ? [] : [{ host, text: json.ended(ended) }]),
      ...(after !== null && isOpen(after.alert) ? [{ host, text: json.open(after.alert) }] : []),
    ]);
    return (scope) => {
      const inScope = alerts.filter(({ host }) => readsAlert(scope.readable, host));
      if (inScope.length === 0) return null;
      const list = inScope.map(({ text }) => text).join(',');
      const frame = encodeFrame(`{"type":"event","cursor":"${cursor}","alerts":[${list}]}`);
      return { frame, hosts: hostsOf(inScope) };
    };
  };
  return {
    board,
    listName: 'alerts',
    itemTexts: (scope) =>
      board
        .open()
        .filter(({ host }) => readsAlert(scope.readable, host))
        .map((alert) => json.open(alert)),
    hosts: () => new Set(hostsOf(board.open())),
    encode(events) {
      const encoders = events.map(encoderOf);
      return (scope) => {
        const encoded = encoders.map((encode) => encode(scope)).filter((each) => each !== null);
        return { frames: encoded.map(({ frame }) => frame), hosts: encoded.flatMap(({ hosts }) => hosts) };
      };
    },
    isConnected: () => bus.connection().state === 'connected',
    readMissed: (after) => tail.read(after),
  };
}

const hostsOf = (alerts: readonly { readonly host: HostId | null }[]): readonly HostId[] =>
  alerts.flatMap(({ host }) => (host === null ? [] : [host]));

/** Encodes an event for a scope; `null`: it has nothing of it. */
type Encoder = (
  scope: HostScope,
) => { readonly frame: EncodedFrame; readonly hosts: readonly HostId[] } | null;
