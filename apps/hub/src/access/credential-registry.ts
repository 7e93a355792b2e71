import { setTimeout as delay } from 'node:timers/promises';
import { type AccessBus, idsWithChildren } from '@booner/bus';
import type { Credential, Sha256 } from '@booner/protocol';
import { createFailureLog, type Logger, runLoop } from '@booner/service';

/** Credentials that this hub does not know make it read again, but no more often than this, whoever shows how many. */
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
 * The credentials that are good now, found without asking the bus. Tells when some are not good any more: revoked on whichever
 * hub, or expired.
 */
export class CredentialRegistry implements Disposable {
  readonly #bus: CredentialRegistryDeps['bus'];
  readonly #log: Logger;
  readonly #accepts: (credential: Credential) => boolean;
  readonly #nowMs: () => number;
  readonly #stopListening: () => void;
  readonly #listeners = new Set<() => void>();
  #good = new Map<string, Credential>();
  #rejected: ReadonlySet<string> = new Set();
  #nextExpiryMs = Number.POSITIVE_INFINITY;
  #lastRefreshMs = Number.NEGATIVE_INFINITY;
  #nextRefresh: Promise<void> | null = null;

  constructor({ bus, accepts = () => true, log, nowMs = Date.now }: CredentialRegistryDeps) {
    this.#bus = bus;
    this.#accepts = accepts;
    this.#log = log;
    this.#nowMs = nowMs;
    this.#stopListening = bus.onChange(() => this.#renew());
    this.#renew();
  }

  /** Credentials that are good now. */
  all(): Iterable<Credential> {
    return this.#good.values();
  }

  isActive(id: string): boolean {
    const credential = this.#good.get(id);
    return credential !== undefined && !this.#hasExpired(credential);
  }

  /**
   * Whether it is good by what the bus says now: for what cannot be taken back, since another hub may have revoked it a second ago.
   * @throws BusError while the bus is away
   */
  async isActiveNow(id: string): Promise<boolean> {
    await this.#bus.refresh();
    return this.isActive(id);
  }

  byId(id: string): Credential | null {
    const credential = this.#good.get(id);
    return credential === undefined || this.#hasExpired(credential) ? null : credential;
  }

  find(hash: Sha256): Credential | null {
    const credential = this.#bus.credentials().get(hash);
    if (credential === undefined || this.#rejected.has(credential.id)) return null;
    return this.#hasExpired(credential) ? null : credential;
  }

  /**
   * The same for one that another hub may have made just now: what is not known is looked up on the bus. All who ask at one time wait
   * for one look.
   * @throws BusError while the bus is away: then nobody can say that there is no such credential
   */
  async findFresh(hash: Sha256): Promise<Credential | null> {
    const known = this.find(hash);
    if (known !== null) return known;
    await this.#refreshSoon();
    return this.find(hash);
  }

  /** Calls back after some credentials have ended. Returns what ends that. */
  onEnded(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends what expires, and has it removed, until the signal aborts. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const expire = () => {
      if (this.#nowMs() >= this.#nextExpiryMs) this.#renew();
    };
    const failures = createFailureLog(this.#log, {
      failing: 'expired credentials cannot be removed',
      recovered: 'expired credentials are removed again',
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

  /** A look that begins after this call: one under way may have looked before the credential was there. */
  #refreshSoon(): Promise<void> {
    this.#nextRefresh ??= (async () => {
      const waitMs = this.#lastRefreshMs + REFRESH_INTERVAL_MS - performance.now();
      await delay(Math.max(0, waitMs)); // also gathers all who ask in this turn
      this.#nextRefresh = null;
      this.#lastRefreshMs = performance.now();
      await this.#bus.refresh();
    })();
    return this.#nextRefresh;
  }

  #renew(): void {
    const before = this.#good;
    const good = new Map<string, Credential>();
    let nextExpiryMs = Number.POSITIVE_INFINITY;
    const stored = this.#bus.credentials();
    this.#rejected = idsWithChildren(stored, (credential) => !this.#accepts(credential));
    for (const credential of stored.values()) {
      if (this.#hasExpired(credential) || this.#rejected.has(credential.id)) continue;
      good.set(credential.id, credential);
      nextExpiryMs = Math.min(nextExpiryMs, credential.expiresAtMs ?? nextExpiryMs);
    }
    this.#good = good;
    this.#nextExpiryMs = nextExpiryMs;
    if (before.keys().some((id) => !good.has(id))) for (const listener of this.#listeners) listener();
  }

  #hasExpired({ expiresAtMs }: Credential): boolean {
    return expiresAtMs !== null && expiresAtMs <= this.#nowMs();
  }
}
