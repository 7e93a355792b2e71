import { type AlertEvent, type AlertKey, BusError, type ReadAlert } from '@booner/bus';
import {
  alertStatus,
  type Cursor,
  type Episode,
  type HostId,
  START_CURSOR,
  type StoredAlert,
} from '@booner/protocol';

/**
 * Identifies an alert, as Redis names it: `<rule> <host>` or `<rule> <host> <device>`, with `*` for
 * no host.
 */
export const alertKeyText = ({ rule, host, device }: AlertKey): string =>
  device === null ? `${rule} ${host ?? '*'}` : `${rule} ${host ?? '*'} ${device}`;

/** An alert with an open episode. */
export type OpenAlert = StoredAlert & { readonly memory: { readonly episode: Episode } };

export const isOpen = (alert: StoredAlert): alert is OpenAlert => alert.memory.episode !== null;

/**
 * The alerts of all hubs that are not well, as of a position in the event stream. What is not here
 * is well.
 */
export class AlertBoard {
  readonly #alerts = new Map<string, ReadAlert>();
  readonly #byHost = new Map<HostId, Map<string, ReadAlert>>();
  #cursor: Cursor | null = null;

  /** True once the bus was read. Before that nothing is known, which differs from no alerts. */
  get isLoaded(): boolean {
    return this.#cursor !== null;
  }

  /**
   * Returns this board for an answer about all alerts.
   * @throws BusError `disconnected` before the bus was read for the first time
   */
  requireLoaded(): this {
    if (!this.isLoaded) throw new BusError('disconnected', 'the alerts have not been read yet');
    return this;
  }

  /** Position that this board is at least as new as; the events that follow come after it. */
  get cursor(): Cursor {
    return this.#cursor ?? START_CURSOR;
  }

  get size(): number {
    return this.#alerts.size;
  }

  get(key: AlertKey): ReadAlert | null {
    return this.#alerts.get(alertKeyText(key)) ?? null;
  }

  alerts(): Iterable<ReadAlert> {
    return this.#alerts.values();
  }

  ofHost(host: HostId): Iterable<ReadAlert> {
    return this.#byHost.get(host)?.values() ?? [];
  }

  /** Returns the alerts with an open episode. */
  open(): OpenAlert[] {
    const found: OpenAlert[] = [];
    for (const { alert } of this.#alerts.values()) if (isOpen(alert)) found.push(alert);
    return found;
  }

  /** Returns true if an alert of a host fires and is not muted. */
  fires(host: HostId): boolean {
    return [...this.ofHost(host)].some(({ alert: { memory } }) => {
      const status = alertStatus(memory);
      return (status === 'firing' || status === 'flapping') && memory.mutes.length === 0;
    });
  }

  /** Returns the alert with an open episode; `null` without one. */
  findEpisode(id: string): ReadAlert | null {
    for (const read of this.#alerts.values()) if (read.alert.memory.episode?.id === id) return read;
    return null;
  }

  /** Replaces everything by what the bus holds. */
  load({ cursor, alerts }: { readonly cursor: Cursor; readonly alerts: readonly ReadAlert[] }): void {
    this.#alerts.clear();
    this.#byHost.clear();
    for (const read of alerts) this.#put(read.alert, read);
    this.#cursor = cursor;
  }

  /** Takes the next event and moves to its position. */
  apply(event: AlertEvent): void {
    this.#cursor = event.cursor;
    if (event.type !== 'alerts') return;
    for (const { key, after } of event.changes) this.#put(key, after);
  }

  #put(key: AlertKey, read: ReadAlert | null): void {
    const text = alertKeyText(key);
    const { host } = key;
    const ofHost = host === null ? undefined : this.#byHost.get(host);
    if (read !== null) {
      this.#alerts.set(text, read);
      if (host === null) return;
      if (ofHost === undefined) this.#byHost.set(host, new Map([[text, read]]));
      else ofHost.set(text, read);
      return;
    }
    this.#alerts.delete(text);
    ofHost?.delete(text);
    if (host !== null && ofHost?.size === 0) this.#byHost.delete(host);
  }
}
