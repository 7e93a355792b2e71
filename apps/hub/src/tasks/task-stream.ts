import type { BusState, TaskEvent } from '@booner/protocol';
import type { Stream } from '../ws/stream-endpoint.ts';
import { TaskV1Clients } from './task-v1-clients.ts';
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

/** The task stream: sends changes on the board to the clients of both versions. */
export class TaskStream implements Stream {
  readonly version1: TaskV1Clients;
  readonly version2: TaskV2Clients;

  constructor(deps: TaskV2ClientsDeps) {
    this.version1 = new TaskV1Clients(deps);
    this.version2 = new TaskV2Clients(deps);
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
