import type { BlockStore } from './block-store.ts';
import { HostHistory } from './host-history.ts';
import { TIERS, type Tier } from './tiers.ts';

/** The hosts of a history. */
export class HostHistories {
  readonly #store: Pick<BlockStore, 'due'>;
  readonly #hosts = new Map<string, HostHistory>();

  constructor(store: Pick<BlockStore, 'hosts' | 'due'>) {
    this.#store = store;
    for (const host of store.hosts()) this.of(host);
    this.loadDue();
  }

  get names(): readonly string[] {
    return [...this.#hosts.keys()];
  }

  [Symbol.iterator](): IterableIterator<HostHistory> {
    return this.#hosts.values();
  }

  get(host: string): HostHistory | undefined {
    return this.#hosts.get(host);
  }

  /** Returns a host, which is added if it is not known. */
  of(host: string): HostHistory {
    const known = this.#hosts.get(host);
    if (known !== undefined) return known;
    const history = new HostHistory(host);
    this.#hosts.set(host, history);
    return history;
  }

  delete(host: string): void {
    this.#hosts.delete(host);
  }

  /** Replaces the rollups that are due by those that the store has. */
  loadDue(): void {
    for (const history of this) history.clearDue();
    for (const { host, tier, startMs } of this.#store.due())
      this.of(host).loadDue(TIERS[tier] as Tier, startMs);
  }
}
