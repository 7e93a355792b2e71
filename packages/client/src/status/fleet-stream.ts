import { DEFAULT_INTERVAL_MS } from '@booner/protocol/limits';
import type { Stream } from '../connection/stream-link.ts';
import type { Rest } from '../http/rest.ts';
import type { WritableStore } from '../store/store.ts';
import { type Fleet, isOlder, readStatusMessage, takePatch, takeSnapshot } from './fleet.ts';

export type FleetStreamDeps = {
  readonly rest: Rest;
  readonly url: () => string;
  readonly store: WritableStore<Fleet | null>;
};

/**
 * The whole fleet in brief. Messages of one WebSocket are in order. REST answers are newer than what was there when they were asked for,
 * and are given up as soon as a WebSocket delivers; the one case that is open, an answer that overtakes the first snapshot of a WebSocket, is
 * decided by the hub's own time, and settled by asking for another snapshot.
 */
export function createFleetStream({ rest, url, store }: FleetStreamDeps): Stream {
  let send: ((message: object) => void) | null = null;
  /** Sequence of the last message of this WebSocket; `null` until a snapshot is there to which patches belong. */
  let sequence: number | null = null;
  let wasPolledSinceOpening = false;

  const askForSnapshot = () => {
    sequence = null;
    send?.({ type: 'subscribe' });
  };
  return {
    url,
    isRegular: true,
    intervalMs: () => store.getSnapshot()?.intervalMs ?? DEFAULT_INTERVAL_MS,
    onOpening() {
      wasPolledSinceOpening = false;
      sequence = null;
    },
    onOpen(sendMessage) {
      send = sendMessage;
    },
    onLost() {
      send = null;
      sequence = null;
    },
    receive(document) {
      const message = readStatusMessage(document);
      if (message === null) return;
      const fleet = store.getSnapshot();
      if (message.type === 'snapshot') {
        if (wasPolledSinceOpening && fleet !== null && isOlder(message, fleet)) {
          wasPolledSinceOpening = false; // asked once: a hub whose clock is behind is believed then
          return askForSnapshot();
        }
        sequence = message.sequence;
        return store.set(takeSnapshot(fleet, message));
      }
      if (fleet === null || sequence === null) return; // a snapshot is on its way
      if (message.sequence !== sequence + 1) return askForSnapshot();
      sequence = message.sequence;
      store.set(takePatch(fleet, message));
    },
    async poll(signal) {
      const answer = await rest({ path: 'system/status', query: { version: 2 }, signal });
      const snapshot = readStatusMessage(answer as object);
      if (snapshot?.type !== 'snapshot') throw new Error('GET /system/status?version=2 answers no snapshot');
      signal.throwIfAborted();
      wasPolledSinceOpening = true;
      store.set(takeSnapshot(store.getSnapshot(), snapshot));
    },
  };
}
