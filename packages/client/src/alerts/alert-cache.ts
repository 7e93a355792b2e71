import type { Alert } from '@booner/protocol';
import { shareStructure } from '../store/share-structure.ts';
import { compareAlerts } from './compare-alerts.ts';

export type AlertChange = {
  /**
   * The alert now. `null`: it has ended, and how is not known, because the client was not connected
   * to the stream at the time.
   */
  readonly alert: Alert | null;
  /** `null` if the alert is new. */
  readonly previous: Alert | null;
};

/** The open alerts that a client knows. */
export class AlertCache {
  readonly #alerts = new Map<string, Alert>();
  #sorted: ReadonlyMap<string, Alert> | null = null;

  /** By id, sorted: critical first, then newest. The same object while nothing changes. */
  get alerts(): ReadonlyMap<string, Alert> {
    this.#sorted ??= new Map([...this.#alerts].sort(([, a], [, b]) => compareAlerts(a, b)));
    return this.#sorted;
  }

  /** Applies all open alerts. */
  takeAll(alerts: readonly Alert[]): readonly AlertChange[] {
    const present = new Set(alerts.map(({ id }) => id));
    const ended = [...this.#alerts.values()].filter(({ id }) => !present.has(id));
    for (const { id } of ended) this.#remove(id);
    return [...ended.map((previous) => ({ alert: null, previous })), ...this.takeChanged(alerts)];
  }

  /** Applies alerts that began, changed or ended. */
  takeChanged(alerts: readonly Alert[]): readonly AlertChange[] {
    return alerts.map((alert) => this.#take(alert)).filter((change) => change !== null);
  }

  #take(alert: Alert): AlertChange | null {
    const previous = this.#alerts.get(alert.id) ?? null;
    if (alert.status === 'resolved') {
      if (previous === null) return null; // it ended before it was known
      this.#remove(alert.id);
      return { alert, previous };
    }
    const shared = shareStructure(previous, alert);
    if (shared === previous) return null;
    this.#alerts.set(alert.id, shared);
    this.#sorted = null;
    return { alert: shared, previous };
  }

  #remove(id: string): void {
    this.#alerts.delete(id);
    this.#sorted = null;
  }
}
