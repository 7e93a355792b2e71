import { CLOSE_CODES } from '@booner/protocol';
import type { ClientSocket } from './client-socket.ts';

/** Bytes that may wait for the clients of one account to read them. */
const MAX_UNREAD_BYTES = 64 * 2 ** 20;
/** Hosts in all different filters of one account together: eight of the largest ones. */
export const MAX_FILTERED_HOSTS = 8000;
/** Time between two checks of which clients have read what was counted as unread. */
const RELEASE_INTERVAL_MS = 100;

/** Bounds on what an account costs the hub. */
export const LIMITS = ['streams', 'filters', 'unread'] as const;
export type Limit = (typeof LIMITS)[number];

export type AccountOptions = {
  /** Sockets that may be open. Default: any number. */
  readonly maxSockets?: number;
  /** Notified each time the account is held to a bound. */
  readonly onLimit?: (limit: Limit) => void;
};

/** A message and the clients that have not read it. */
type Unread = { readonly bytes: number; readonly clients: Set<ClientSocket> };

/**
 * Bounds what the sockets of one credential cost together: their number, the filters that frames
 * are encoded for, and the memory of unread frames. A frame for several clients counts once.
 */
export class Account {
  readonly #maxSockets: number;
  readonly #onLimit: (limit: Limit) => void;
  #sockets = 0;
  #filteredHosts = 0;
  #unreadBytes = 0;
  /** Oldest first. */
  readonly #unread = new Set<Unread>();
  readonly #unreadByMessage = new WeakMap<Buffer, Unread>();
  readonly #unreadByClient = new Map<ClientSocket, Set<Unread>>();
  #releasedAtMs = Number.NEGATIVE_INFINITY;

  constructor({ maxSockets = Number.POSITIVE_INFINITY, onLimit = () => {} }: AccountOptions = {}) {
    this.#maxSockets = maxSockets;
    this.#onLimit = onLimit;
  }

  get maxSockets(): number {
    return this.#maxSockets;
  }

  /** True if nothing more may be written to its clients until some have read. */
  get isFull(): boolean {
    if (this.#unreadBytes <= MAX_UNREAD_BYTES) return false;
    this.#releaseDrained();
    return this.#unreadBytes > MAX_UNREAD_BYTES;
  }

  /** Counts a socket. @returns false at the limit */
  addSocket(): boolean {
    if (this.#sockets >= this.#maxSockets) {
      this.#onLimit('streams');
      return false;
    }
    this.#sockets++;
    return true;
  }

  /** @returns whether it was the last socket */
  removeSocket(): boolean {
    return --this.#sockets === 0;
  }

  /** Counts the hosts of a filter that is new to the account. @returns false at the limit */
  addFilter(hosts: number): boolean {
    if (this.#filteredHosts + hosts > MAX_FILTERED_HOSTS) {
      this.#onLimit('filters');
      return false;
    }
    this.#filteredHosts += hosts;
    return true;
  }

  removeFilter(hosts: number): void {
    this.#filteredHosts -= hosts;
  }

  /**
   * Counts a message that a client has not read. Closes the clients that have not read the oldest
   * ones once there are too many bytes.
   */
  hold(client: ClientSocket, message: Buffer): void {
    let unread = this.#unreadByMessage.get(message);
    if (unread === undefined || !this.#unread.has(unread)) {
      unread = { bytes: message.length, clients: new Set() };
      this.#unreadByMessage.set(message, unread);
      this.#unread.add(unread);
      this.#unreadBytes += unread.bytes;
    }
    unread.clients.add(client);
    const ofClient = this.#unreadByClient.get(client) ?? new Set();
    this.#unreadByClient.set(client, ofClient.add(unread));
    if (this.isFull) this.#closeSlowest();
  }

  /** Forgets what a client had not read: it has drained, or is closed. */
  release(client: ClientSocket): void {
    for (const unread of this.#unreadByClient.get(client) ?? []) {
      unread.clients.delete(client);
      if (unread.clients.size > 0) continue;
      this.#unread.delete(unread);
      this.#unreadBytes -= unread.bytes;
    }
    this.#unreadByClient.delete(client);
  }

  #releaseDrained(): void {
    const nowMs = performance.now();
    if (nowMs - this.#releasedAtMs < RELEASE_INTERVAL_MS) return;
    this.#releasedAtMs = nowMs;
    for (const client of [...this.#unreadByClient.keys()]) if (client.hasDrained) this.release(client);
  }

  #closeSlowest(): void {
    this.#onLimit('unread');
    let excessBytes = this.#unreadBytes - MAX_UNREAD_BYTES;
    for (const { bytes, clients } of this.#unread) {
      if (excessBytes <= 0) return;
      excessBytes -= bytes;
      for (const client of clients) void client.close(CLOSE_CODES.tooSlow, TOO_MUCH_UNREAD);
    }
  }
}

const TOO_MUCH_UNREAD = `your streams have ${MAX_UNREAD_BYTES / 2 ** 20} MiB unread: read faster, or subscribe to fewer hosts`;
