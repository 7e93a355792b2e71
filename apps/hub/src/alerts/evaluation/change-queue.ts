import type { AlertBus, AlertChange, AlertChangeOutcome, Lease } from '@booner/bus';
import type { Shard } from '@booner/protocol/shard';

/** Changes of one request. */
const BATCH_CHANGES = 100;

/**
 * - `not_held`: this hub lost the shard's lease.
 * - `failed`: the bus could not be reached. Whether the change was made is not known.
 */
export type SubmitOutcome = AlertChangeOutcome | { readonly type: 'not_held' | 'failed' };

type Submitted = {
  readonly lease: Lease;
  readonly change: AlertChange;
  readonly settle: (outcome: SubmitOutcome) => void;
};

export type ChangeQueueDeps = {
  readonly bus: Pick<AlertBus, 'change'>;
  /** Notified of the outcome of each request. */
  readonly failures: { failed(error: unknown): void; worked(): void };
};

/**
 * Stores changes of alerts: those of one shard together, one request after the other. What comes up
 * within one turn of the event loop travels together.
 */
export class ChangeQueue {
  readonly #deps: ChangeQueueDeps;
  readonly #waiting = new Map<Shard, Submitted[]>();
  readonly #sending = new Set<Shard>();

  constructor(deps: ChangeQueueDeps) {
    this.#deps = deps;
  }

  submit(shard: Shard, lease: Lease, change: AlertChange): Promise<SubmitOutcome> {
    const { promise, resolve } = Promise.withResolvers<SubmitOutcome>();
    const waiting = this.#waiting.get(shard);
    const submitted = { lease, change, settle: resolve };
    if (waiting === undefined) this.#waiting.set(shard, [submitted]);
    else waiting.push(submitted);
    if (!this.#sending.has(shard)) {
      this.#sending.add(shard);
      setImmediate(() => void this.#sendAll(shard));
    }
    return promise;
  }

  async #sendAll(shard: Shard): Promise<void> {
    for (;;) {
      const waiting = this.#waiting.get(shard);
      if (waiting === undefined) break;
      const batch = waiting.splice(0, BATCH_CHANGES);
      if (waiting.length === 0) this.#waiting.delete(shard);
      await this.#send(shard, batch);
    }
    this.#sending.delete(shard);
  }

  /** Never rejects. */
  async #send(shard: Shard, batch: readonly Submitted[]): Promise<void> {
    const { bus, failures } = this.#deps;
    const { lease } = batch[0]!;
    // A lease that was lost and gained again has another epoch, which the bus decides on.
    const changes = batch.map(({ change }) => change);
    try {
      const outcomes = await bus.change(shard, lease, changes);
      failures.worked();
      batch.forEach(({ settle }, index) => {
        settle(outcomes === 'not_held' ? { type: 'not_held' } : outcomes[index]!);
      });
    } catch (error) {
      failures.failed(error);
      for (const { settle } of batch) settle({ type: 'failed' });
    }
  }
}
