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
 * The whole fleet in brief. Messages of one WebSocket are ordered. A REST answer is newer than
 * everything known when it was requested, and is dropped once a WebSocket delivers. In the one
 * remaining case, an answer that overtakes the first snapshot of a WebSocket, the hub's own time
 * decides, and the stream requests another snapshot.
 */
export function createFleetStream({ rest, url, store }: FleetStreamDeps): Stream {
  let send: ((message: object) => void) | null = null;
  /**
   * Sequence of the last message of this WebSocket. `null` until there is a snapshot that patches
   * apply to.
   */
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
          // requested only once: a hub whose clock is behind is accepted then
          wasPolledSinceOpening = false;
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
      if (snapshot?.type !== 'snapshot')
        throw new Error('GET /system/status?version=2 did not return a snapshot');
      signal.throwIfAborted();
      wasPolledSinceOpening = true;
      store.set(takeSnapshot(store.getSnapshot(), snapshot));
    },
  };
}
