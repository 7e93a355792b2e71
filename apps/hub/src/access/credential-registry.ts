import { setTimeout as delay } from 'node:timers/promises';
import { type AccessBus, idsWithChildren } from '@booner/bus';
import type { Credential, Sha256 } from '@booner/protocol';
import { createFailureLog, type Logger, runLoop } from '@booner/service';

/** Minimum interval of reads for unknown credentials, however many clients present them. */
const REFRESH_INTERVAL_MS = 250;
const EXPIRY_INTERVAL_MS = 1000;
const REMOVE_INTERVAL_MS = 60_000;

export type CredentialRegistryDeps = {
  readonly bus: Pick<
    AccessBus,
    'whenConnected' | 'credentials' | 'refresh' | 'onChange' | 'removeExpired' | 'loaded'
  >;
  /** Decides which credentials may be used here, provided that their parent may. Default: all. */
  readonly accepts?: (credential: Credential) => boolean;
  readonly log: Logger;
  readonly nowMs?: () => number;
};

/**
 * The active credentials, kept in memory. Notifies listeners when some become invalid: revoked on
 * any hub, or expired.
 */
export class CredentialRegistry implements Disposable {
  readonly #bus: CredentialRegistryDeps['bus'];
  readonly #log: Logger;
  readonly #accepts: (credential: Credential) => boolean;
  readonly #nowMs: () => number;
  readonly #stopListening: () => void;
  readonly #listeners = new Set<() => void>();
  #active = new Map<string, Credential>();
  #rejected: ReadonlySet<string> = new Set();
  #nextExpiryMs = Number.POSITIVE_INFINITY;
  #lastRefreshMs = Number.NEGATIVE_INFINITY;
  #nextRefresh: Promise<void> | null = null;

  constructor({ bus, accepts = () => true, log, nowMs = Date.now }: CredentialRegistryDeps) {
    this.#bus = bus;
    this.#accepts = accepts;
    this.#log = log;
    this.#nowMs = nowMs;
    this.#stopListening = bus.onChange(() => this.#update());
    this.#update();
  }

  /** Returns the active credentials. */
  all(): Iterable<Credential> {
    return this.#active.values().filter((credential) => !this.#hasExpired(credential));
  }

  isActive(id: string): boolean {
    const credential = this.#active.get(id);
    return credential !== undefined && !this.#hasExpired(credential);
  }

  /**
   * Checks a credential against the bus: another hub may have revoked it a moment ago. Use it
   * before steps that cannot be undone.
   * @throws BusError if the bus fails
   */
  async isActiveNow(id: string): Promise<boolean> {
    await this.#bus.refresh();
    return this.isActive(id);
  }

  byId(id: string): Credential | null {
    const credential = this.#active.get(id);
    return credential === undefined || this.#hasExpired(credential) ? null : credential;
  }

  find(hash: Sha256): Credential | null {
    const credential = this.#bus.credentials().get(hash);
    if (credential === undefined || this.#rejected.has(credential.id)) return null;
    return this.#hasExpired(credential) ? null : credential;
  }

  /**
   * Finds a credential that another hub may have just created: an unknown one is looked up on the
   * bus. Concurrent calls share one read.
   * @throws BusError if the bus fails: an unknown credential may then be valid
   */
  async findFresh(hash: Sha256): Promise<Credential | null> {
    const known = this.find(hash);
    if (known !== null) return known;
    await this.#refreshSoon();
    return this.find(hash);
  }

  /** Calls back after credentials became invalid. @returns a function that stops this */
  onInvalidated(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Drops expired credentials and removes them from the bus, until the signal aborts. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const expire = () => {
      if (this.#nowMs() >= this.#nextExpiryMs) this.#update();
    };
    const failures = createFailureLog(this.#log, {
      failing: 'expired credentials cannot be removed',
      recovered: 'expired credentials can be removed again',
    });
    await Promise.all([
      runLoop({ run: expire, intervalMs: EXPIRY_INTERVAL_MS, failures }, { signal }),
      runLoop(
        {
          run: () => this.#bus.removeExpired(this.#nowMs()),
          intervalMs: REMOVE_INTERVAL_MS,
          phaseMs: REMOVE_INTERVAL_MS,
          ready: this.#bus.whenConnected,
          failures,
        },
        { signal },
      ),
    ]);
  }

  [Symbol.dispose](): void {
    this.#stopListening();
  }

  /** Waits for a read that starts after this call: an earlier one may miss a new credential. */
  #refreshSoon(): Promise<void> {
    this.#nextRefresh ??= (async () => {
      const waitMs = this.#lastRefreshMs + REFRESH_INTERVAL_MS - performance.now();
      await delay(Math.max(0, waitMs)); // also gathers the calls of this tick
      this.#nextRefresh = null;
      this.#lastRefreshMs = performance.now();
      await this.#bus.refresh();
    })();
    return this.#nextRefresh;
  }

  #update(): void {
    const before = this.#active;
    const active = new Map<string, Credential>();
    let nextExpiryMs = Number.POSITIVE_INFINITY;
    const stored = this.#bus.credentials();
    this.#rejected = idsWithChildren(stored, (credential) => !this.#accepts(credential));
    for (const credential of stored.values()) {
      if (this.#hasExpired(credential) || this.#rejected.has(credential.id)) continue;
      active.set(credential.id, credential);
      nextExpiryMs = Math.min(nextExpiryMs, credential.expiresAtMs ?? nextExpiryMs);
    }
    this.#active = active;
    this.#nextExpiryMs = nextExpiryMs;
    if (before.keys().some((id) => !active.has(id))) for (const listener of this.#listeners) listener();
  }

  #hasExpired({ expiresAtMs }: Credential): boolean {
    return expiresAtMs !== null && expiresAtMs <= this.#nowMs();
  }
}
