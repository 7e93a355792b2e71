import type { AccessBus } from '@booner/bus';
import { createFailureLog, type Logger, runLoop } from '@booner/service';

const CHECK_INTERVAL_MS = 5000;
/** Minimum time between two writes for one credential. */
const STORE_INTERVAL_MS = 60_000;

/**
 * Records when credentials were last used on this hub. A request costs one map entry; they are
 * written to the bus in batches.
 */
export class LastUsed {
  readonly #bus: Pick<AccessBus, 'whenConnected' | 'markUsed'>;
  readonly #log: Logger;
  /** Uses that are not stored yet: id -> Unix milliseconds. */
  readonly #pending = new Map<string, number>();
  /**
   * Stored less than {@link STORE_INTERVAL_MS} ago: id -> time of storing, in Unix milliseconds.
   */
  readonly #stored = new Map<string, number>();

  constructor({ bus, log }: { bus: Pick<AccessBus, 'whenConnected' | 'markUsed'>; log: Logger }) {
    this.#bus = bus;
    this.#log = log;
  }

  note(credentialId: string): void {
    this.#pending.set(credentialId, Date.now());
  }

  /** Returns the last use on this hub that the bus may not know; `null` if there is none. */
  of(credentialId: string): number | null {
    return this.#pending.get(credentialId) ?? null;
  }

  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const failures = createFailureLog(this.#log, {
      failing: 'the last uses of credentials cannot be stored',
      recovered: 'the last uses of credentials can be stored again',
    });
    await runLoop(
      { run: () => this.#store(), intervalMs: CHECK_INTERVAL_MS, ready: this.#bus.whenConnected, failures },
      { signal },
    );
  }

  async #store(): Promise<void> {
    const nowMs = Date.now();
    for (const [id, atMs] of this.#stored) if (nowMs - atMs >= STORE_INTERVAL_MS) this.#stored.delete(id);
    const due = new Map([...this.#pending].filter(([id]) => !this.#stored.has(id)));
    if (due.size === 0) return;
    await this.#bus.markUsed(due);
    for (const [id, atMs] of due) {
      this.#stored.set(id, nowMs);
      if (this.#pending.get(id) === atMs) this.#pending.delete(id);
    }
  }
}
