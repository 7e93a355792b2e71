import type { AlertBus, AlertEvent } from '@booner/bus';
import type { BusState } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { createPacedFlush } from '../ws/paced-flush.ts';
import type { Stream } from '../ws/stream-endpoint.ts';
import { Subscriptions } from '../ws/subscriptions.ts';
import { AlertClients } from './alert-clients.ts';
import { alertFeed } from './alert-feed.ts';
import type { AlertJson } from './alert-json.ts';
import { AlertTail } from './alert-tail.ts';
import type { AlertBoard } from './board/alert-board.ts';
import type { AlertFollower } from './board/follow-alerts.ts';

export type AlertStreamDeps = {
  readonly bus: Pick<AlertBus, 'connection'>;
  readonly board: Pick<AlertBoard, 'isLoaded' | 'cursor' | 'open'>;
  readonly json: AlertJson;
  /** Returns the reason why a client waits for its first answer, as a sentence. */
  readonly waitingFor: () => string;
  readonly log: Logger;
};

/** The alert stream: sends changes on the board to its clients, in version 2 only. */
export class AlertStream implements Stream, AlertFollower {
  readonly version1 = null;
  readonly version2: AlertClients;
  readonly #board: AlertStreamDeps['board'];
  readonly #subscriptions: Subscriptions<AlertEvent>;
  readonly #tail = new AlertTail();
  readonly #readScopes: ReturnType<typeof createPacedFlush>;

  constructor({ bus, board, json, waitingFor, log }: AlertStreamDeps) {
    this.#board = board;
    const feed = alertFeed({ bus, board, json, tail: this.#tail });
    this.#subscriptions = new Subscriptions({ feed, waitingFor, log });
    this.version2 = new AlertClients(this.#subscriptions);
    const onError = (error: unknown) => log.error({ err: error }, 'read scopes could not be applied');
    const apply = async () => this.#subscriptions.applyReadScopes();
    this.#readScopes = createPacedFlush(apply, { minIntervalMs: 0, onError });
  }

  get counts() {
    return this.#subscriptions.counts;
  }

  /** Number of clients. */
  get size(): number {
    return this.#subscriptions.size;
  }

  onEvents(events: readonly AlertEvent[]): void {
    this.#tail.push(events);
    this.#subscriptions.publish(events);
  }

  onReset(): void {
    this.#tail.reset(this.#board.cursor);
    this.#subscriptions.reset();
  }

  onBus(state: BusState): void {
    this.#subscriptions.setBus(state);
  }

  /**
   * Sends a snapshot to clients whose read scope covers other alerts than before. MUST be called
   * when hosts or their labels changed.
   */
  applyReadScopes(): void {
    this.#readScopes.request();
  }
}
