import type { BusState, TaskEvent } from '@booner/protocol';
import { createPacedFlush } from '../ws/paced-flush.ts';
import type { Stream } from '../ws/stream-endpoint.ts';
import { TaskV1Clients, type TaskV1ClientsDeps } from './task-v1-clients.ts';
import { TaskV2Clients, type TaskV2ClientsDeps } from './task-v2-clients.ts';

/** Counted since the start of the hub, except `followedLogs`, which is the current number. */
export type TaskStreamCounts = {
  /** Events written to version 2 clients, each counted once per client. */
  readonly eventsWritten: number;
  readonly flushes: number;
  readonly mapsWritten: number;
  /** Maps that a version 1 client was too slow for. */
  readonly mapsSkipped: number;
  readonly resumed: number;
  readonly snapshots: number;
  readonly closedTooSlow: number;
  readonly followedLogs: number;
};

export type TaskStreamDeps = TaskV1ClientsDeps & TaskV2ClientsDeps;

/** The task stream: sends changes on the board to the clients of both versions. */
export class TaskStream implements Stream {
  readonly version1: TaskV1Clients;
  readonly version2: TaskV2Clients;
  readonly #readScopes: ReturnType<typeof createPacedFlush>;

  constructor(deps: TaskStreamDeps) {
    this.version1 = new TaskV1Clients(deps);
    this.version2 = new TaskV2Clients(deps);
    const onError = (error: unknown) => deps.log.error({ err: error }, 'read scopes could not be applied');
    const apply = async () => {
      this.version2.applyReadScopes();
      this.version1.announce();
    };
    this.#readScopes = createPacedFlush(apply, { minIntervalMs: 0, onError });
  }

  get counts(): TaskStreamCounts {
    const { written, skipped } = this.version1.counts;
    return { ...this.version2.counts, mapsWritten: written, mapsSkipped: skipped };
  }

  get clientCounts(): { version1: number; version2: number } {
    return { version1: this.version1.size, version2: this.version2.size };
  }

  /** Broadcasts events; MUST be called in the turn in which the board applied them. */
  publish(events: readonly TaskEvent[]): void {
    this.version2.publish(events);
    this.version1.announce();
  }

  /**
   * Sends everything anew to clients whose read scope covers other tasks than before. MUST be
   * called when hosts or their labels changed.
   */
  applyReadScopes(): void {
    this.#readScopes.request();
  }

  /**
   * Sends everything anew: a snapshot to version 2 clients, the map to those of version 1. MUST be
   * called in the turn in which the board was loaded.
   */
  reset(): void {
    this.version2.reset();
    this.version1.announce();
  }

  /** Takes the state of the bus: `connected` whenever the board is as new as the bus. */
  setBus(bus: BusState): void {
    this.version2.setBus(bus);
  }

  /** Sends new lines of followed logs until the signal aborts. */
  run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    return this.version2.run({ signal });
  }
}
