import type { Stream } from '../ws/stream-endpoint.ts';
import type { StatusSource } from './status-messages.ts';
import { StatusV1Clients } from './status-v1-clients.ts';
import { StatusV2Clients } from './status-v2-clients.ts';

/** Counted since the start of the hub. */
export type StatusStreamCounts = {
  readonly broadcasts: number;
  readonly framesWritten: number;
  readonly framesSkipped: number;
};

/**
 * The status stream: everything goes out through {@link broadcast}, on one schedule for all
 * clients.
 */
export class StatusStream implements Stream {
  readonly version1: StatusV1Clients;
  readonly version2: StatusV2Clients;
  readonly #fleet: StatusSource['fleet'];
  #broadcasts = 0;
  #broadcasting: Promise<void> = Promise.resolve();

  constructor(source: StatusSource) {
    this.version1 = new StatusV1Clients(source);
    this.version2 = new StatusV2Clients(source);
    this.#fleet = source.fleet;
  }

  get counts(): StatusStreamCounts {
    const version1 = this.version1.counts;
    const version2 = this.version2.counts;
    return {
      broadcasts: this.#broadcasts,
      framesWritten: version1.written + version2.written,
      framesSkipped: version1.skipped + version2.skipped,
    };
  }

  get clientCounts(): { version1: number; version2: number } {
    return { version1: this.version1.size, version2: this.version2.size };
  }

  /**
   * Sends the current state to all clients once the previous broadcast has ended.
   * @returns a promise for this broadcast, which rejects when it fails
   */
  broadcast(): Promise<void> {
    const next = () => this.#broadcastNow();
    // A failed broadcast must not end the stream.
    this.#broadcasting = this.#broadcasting.then(next, next);
    return this.#broadcasting;
  }

  async #broadcastNow(): Promise<void> {
    this.#broadcasts++;
    if (!this.#fleet.isLoaded) return this.version2.sendWaiting();
    const changes = this.#fleet.takeChanges();
    // Version 2 begins first: whatever fails after the changes were taken leaves its clients
    // behind, and the next broadcast sends them a snapshot.
    const sendVersion2 = this.version2.begin(changes);
    await this.version1.broadcast();
    await sendVersion2();
  }
}
