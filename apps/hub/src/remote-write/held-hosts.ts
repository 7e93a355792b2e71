import type { LeaseBus } from '@booner/bus';
import type { HostId } from '@booner/protocol';
import { type Shard, shardOf } from '@booner/protocol/shard';
import type { Fleet } from '../fleet/fleet.ts';
import type { ToWorker } from './worker-messages.ts';

export type HeldHostsDeps = {
  readonly leases: Pick<LeaseBus, 'leaseOf' | 'follow'>;
  readonly fleet: Pick<Fleet, 'get'>;
  readonly post: (message: ToWorker) => void;
  /** Resolves when everything posted before has been sent, or cannot be. */
  readonly flush: () => Promise<void>;
};

/**
 * The hosts that this hub sends for. Another hub sends for the rest: stores refuse two values for
 * one time.
 */
export class HeldHosts {
  readonly #leases: Pick<LeaseBus, 'leaseOf' | 'follow'>;
  readonly #fleet: Pick<Fleet, 'get'>;
  readonly #post: (message: ToWorker) => void;
  readonly #flush: () => Promise<void>;
  /** Hosts with series in the store. */
  readonly #sending = new Map<HostId, Shard>();

  constructor({ leases, fleet, post, flush }: HeldHostsDeps) {
    this.#leases = leases;
    this.#fleet = fleet;
    this.#post = post;
    this.#flush = flush;
  }

  /** Follows the leases. @returns a function that stops doing so */
  follow(): () => void {
    return this.#leases.follow({
      onGained: () => this.#post({ type: 'separate' }),
      onEnded: (leases, reason) => {
        const shards = new Set(leases.map(({ shard }) => shard));
        const hosts = [...this.#sending].filter(([, shard]) => shards.has(shard)).map(([host]) => host);
        this.#drop(hosts, reason === 'released' ? 'end' : 'forget');
        // The next holder sends later samples, after which stores refuse these.
        return reason === 'released' ? this.#flush() : undefined;
      },
    });
  }

  /** Returns true if this hub sends the samples of a host, from this one on. */
  sends(host: HostId): boolean {
    const shard = shardOf(host);
    // A target that waits for its inventory is shown with its next sample.
    if (this.#leases.leaseOf(shard) === null || !this.#isActive(host)) return false;
    this.#sending.set(host, shard);
    return true;
  }

  /** Ends the series of hosts that are offline or were removed. */
  endInactive(): void {
    const hosts = [...this.#sending.keys()].filter((host) => !this.#isActive(host));
    this.#drop(hosts, 'end');
  }

  /** Ends the series of all hosts: this hub stops. */
  endAll(): void {
    this.#drop([...this.#sending.keys()], 'end');
  }

  /** Takes that nobody sends for now. */
  forgetAll(): void {
    this.#sending.clear();
  }

  #isActive(host: HostId): boolean {
    return this.#fleet.get(host)?.status === 'active';
  }

  #drop(hosts: readonly HostId[], type: 'end' | 'forget'): void {
    if (hosts.length === 0) return;
    for (const host of hosts) this.#sending.delete(host);
    this.#post({ type, hosts });
  }
}
