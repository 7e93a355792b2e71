import type { AccessBus } from '@booner/bus';
import { createFailureLog, type Logger, runLoop } from '@booner/service';

const CHECK_INTERVAL_MS = 5000;
/** The last use of a credential is stored at most once in this time. */
const STORED_EACH_MS = 60_000;

/**
 * Records when credentials were last used on this hub. A request costs one map entry; the bus
 * receives all of them together.
 */
export class LastUsed {
  readonly #bus: Pick<AccessBus, 'whenConnected' | 'markUsed'>;
  readonly #log: Logger;
  /** Not stored yet: id -> Unix milliseconds. */
  readonly #pending = new Map<string, number>();
  /** id -> the last use that was stored; younger than {@link STORED_EACH_MS}. */
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
      recovered: 'the last uses of credentials are stored again',
    });
    await runLoop(
      { run: () => this.#store(), intervalMs: CHECK_INTERVAL_MS, ready: this.#bus.whenConnected, failures },
      { signal },
    );
  }

  async #store(): Promise<void> {
    const nowMs = Date.now();
    for (const [id, atMs] of this.#stored) if (nowMs - atMs >= STORED_EACH_MS) this.#stored.delete(id);
    const due = new Map([...this.#pending].filter(([id]) => !this.#stored.has(id)));
    if (due.size === 0) return;
    await this.#bus.markUsed(due);
    for (const [id, atMs] of due) {
      this.#stored.set(id, nowMs);
      if (this.#pending.get(id) === atMs) this.#pending.delete(id);
    }
  }
}
