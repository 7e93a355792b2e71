import type { TaskBus } from '@booner/bus';
import {
  type BusState,
  type TaskClientMessage,
  type TaskEvent,
  taskClientMessageSchema,
} from '@booner/protocol';
import type { Logger } from '@booner/service';
import { parseClientMessage, validateClientMessage } from '../ws/client-message.ts';
import type { ClientSocket } from '../ws/client-socket.ts';
import type { StreamClients } from '../ws/stream-endpoint.ts';
import { Subscriptions } from '../ws/subscriptions.ts';
import { subscribedHosts } from '../ws/views.ts';
import { LogFollower } from './log-follower.ts';
import type { TaskBoard } from './task-board.ts';
import { taskFeed } from './task-feed.ts';
import { encodeMessage } from './task-messages.ts';

export type TaskV2ClientsDeps = {
  readonly bus: Pick<
    TaskBus,
    | 'connection'
    | 'whenConnected'
    | 'read'
    | 'readEvents'
    | 'readLastCursor'
    | 'readLogTail'
    | 'readLog'
    | 'readLogs'
  >;
  readonly board: TaskBoard;
  /** Returns the reason why a client waits for its first answer, as a sentence. */
  readonly waitingFor: () => string;
  readonly log: Logger;
};

/** Version 2 clients: each has one subscription to the events of some hosts and may follow logs. */
export class TaskV2Clients implements StreamClients {
  readonly #subscriptions: Subscriptions<TaskEvent>;
  readonly #logs: LogFollower;

  constructor(deps: TaskV2ClientsDeps) {
    this.#subscriptions = new Subscriptions({ ...deps, feed: taskFeed(deps) });
    const push = (client: ClientSocket, bytes: Parameters<ClientSocket['push']>[0]) =>
      void this.#subscriptions.push(client, bytes);
    this.#logs = new LogFollower({ ...deps, push });
  }

  get size(): number {
    return this.#subscriptions.size;
  }

  get counts() {
    return { ...this.#subscriptions.counts, followedLogs: this.#logs.size };
  }

  /**
   * @param query may have `cursor` and `hosts` (separated by commas), as in a `subscribe` message
   */
  add(client: ClientSocket, query: URLSearchParams): void {
    const hosts = query.get('hosts');
    const cursor = query.get('cursor');
    const parsed = validateClientMessage(taskClientMessageSchema, {
      type: 'subscribe',
      ...(hosts && { hosts: hosts.split(',') }),
      ...(cursor && { cursor }),
    });
    if ('issue' in parsed) this.refuse(client, parsed.issue);
    this.#handle(client, 'message' in parsed ? parsed.message : { type: 'subscribe' });
  }

  /** Takes a message. An invalid one is answered with an `error`; the socket stays open. */
  receive(client: ClientSocket, text: string): void {
    const parsed = parseClientMessage(taskClientMessageSchema, text);
    if ('issue' in parsed) this.refuse(client, parsed.issue);
    else this.#handle(client, parsed.message);
  }

  refuse(client: ClientSocket, detail: string): void {
    this.#subscriptions.push(client, encodeMessage({ type: 'error', detail }));
  }

  remove(client: ClientSocket): void {
    this.#subscriptions.remove(client);
    this.#logs.remove(client);
  }

  /** Broadcasts events; MUST be called in the turn in which the board applied them. */
  publish(events: readonly TaskEvent[]): void {
    this.#subscriptions.publish(events);
  }

  /** Takes back what clients with a read scope may not read any more, and shows what they may. */
  applyReadScopes(): void {
    this.#subscriptions.applyReadScopes();
    this.#logs.applyReadScopes();
  }

  /** Sends snapshots; MUST be called in the turn in which the board was loaded. */
  reset(): void {
    this.#subscriptions.reset();
  }

  /** Takes the state of the bus: `connected` whenever the board is as new as the bus. */
  setBus(bus: BusState): void {
    this.#subscriptions.setBus(bus);
  }

  /** Sends new lines of followed logs until the signal aborts. */
  run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    return this.#logs.run({ signal });
  }

  #handle(client: ClientSocket, message: TaskClientMessage): void {
    switch (message.type) {
      case 'subscribe': {
        const hosts = subscribedHosts(message.hosts);
        this.#subscriptions.subscribe(client, { hosts, cursor: message.cursor ?? null });
        break;
      }
      case 'follow':
        this.#logs.follow(client, message.taskId, message.afterLine ?? null);
        break;
      case 'unfollow':
        this.#logs.unfollow(client, message.taskId);
        break;
      case 'ping':
        this.#subscriptions.push(client, encodeMessage({ type: 'pong' }));
        break;
      default:
        message satisfies never;
    }
  }
}
