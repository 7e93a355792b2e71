import type { TaskBus } from '@booner/bus';
import {
  type BusState,
  type TaskClientMessage,
  type TaskEvent,
  taskClientMessageSchema,
} from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { WebSocket } from 'ws';
import { judgeClientMessage, readClientMessage } from '../ws/client-message.ts';
import { encodeMessage, TaskClient } from '../ws/client-socket.ts';
import { LogFollower } from './log-follower.ts';
import type { TaskBoard } from './task-board.ts';
import { TaskEventClients } from './task-subscriptions.ts';
import { TaskMapClients } from './task-v1-clients.ts';

export type TaskStreamDeps = {
  readonly bus: Pick<
    TaskBus,
    'connection' | 'read' | 'readEvents' | 'readLastCursor' | 'readLogTail' | 'readLog' | 'readLogs'
  >;
  readonly board: TaskBoard;
  /** Returns the reason why a client waits for its first picture, as a sentence. */
  readonly waitingFor: () => string;
  readonly log: Logger;
};

/** Counted since the start of the hub, but for `followedLogs`, which is of now. */
export type TaskStreamCounts = {
  /** Events written to clients of version 2, each once for each client. */
  readonly eventsWritten: number;
  readonly flushes: number;
  readonly mapsWritten: number;
  /** Maps that a client of version 1 was too slow for. */
  readonly mapsSkipped: number;
  readonly resumed: number;
  readonly snapshots: number;
  readonly closedTooSlow: number;
  readonly followedLogs: number;
};

type SubscribeMessage = Extract<TaskClientMessage, { type: 'subscribe' }>;

/** The task stream: its clients of both versions, and what they say. */
export class TaskStream {
  readonly #maps: TaskMapClients;
  readonly #events: TaskEventClients;
  readonly #logs: LogFollower;
  readonly #version2Clients = new Map<WebSocket, TaskClient>();

  constructor(deps: TaskStreamDeps) {
    this.#maps = new TaskMapClients(deps);
    this.#events = new TaskEventClients(deps);
    this.#logs = new LogFollower({ ...deps, push: (client, message) => this.#events.push(client, message) });
  }

  get clientCounts(): { version1: number; version2: number } {
    return { version1: this.#maps.size, version2: this.#version2Clients.size };
  }

  get counts(): TaskStreamCounts {
    return { ...this.#events.counts, ...this.#maps.counts, followedLogs: this.#logs.size };
  }

  addVersion1(socket: WebSocket): void {
    this.#maps.add(socket);
  }

  /** @param query of the upgrade request: `cursor` and `hosts` (separated by commas), each of them or neither */
  addVersion2(socket: WebSocket, query: URLSearchParams): void {
    const client = new TaskClient(socket);
    this.#version2Clients.set(socket, client);
    const hosts = query.get('hosts');
    const cursor = query.get('cursor');
    const judged = judgeClientMessage(taskClientMessageSchema, {
      type: 'subscribe',
      ...(hosts && { hosts: hosts.split(',') }),
      ...(cursor && { cursor }),
    });
    if ('fault' in judged) this.refuse(socket, judged.fault);
    const isFit = 'message' in judged && judged.message.type === 'subscribe';
    this.#subscribe(client, isFit ? judged.message : { type: 'subscribe' });
  }

  /** Takes a message of a client of version 2. An invalid one is answered by an `error`; the socket lives. */
  receive(socket: WebSocket, text: string): void {
    const client = this.#version2Clients.get(socket);
    if (client === undefined) return; // version 1 has nothing to say
    const judged = readClientMessage(taskClientMessageSchema, text);
    if ('fault' in judged) this.refuse(socket, judged.fault);
    else this.#obey(client, judged.message);
  }

  refuse(socket: WebSocket, detail: string): void {
    const client = this.#version2Clients.get(socket);
    if (client !== undefined) this.#events.push(client, encodeMessage({ type: 'error', detail }));
  }

  remove(socket: WebSocket): void {
    this.#maps.remove(socket);
    const client = this.#version2Clients.get(socket);
    if (client === undefined) return;
    this.#version2Clients.delete(socket);
    this.#events.remove(client);
    this.#logs.remove(client);
  }

  /** Tells events that the board has applied; MUST be called in the turn in which it did. */
  publish(events: readonly TaskEvent[]): void {
    this.#events.publish(events);
    this.#maps.announce();
  }

  /** Tells that the board was loaded: clients of version 2 get a snapshot, those of version 1 the map. The same turn again. */
  reset(): void {
    this.#events.reset();
    this.#maps.announce();
  }

  /** Takes whether the board is as new as the bus; `connected` after each time that the bus was read. */
  setBus(bus: BusState): void {
    this.#events.setBus(bus);
  }

  /** Serves those who follow logs, until the signal aborts. */
  run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    return this.#logs.run({ signal });
  }

  #obey(client: TaskClient, message: TaskClientMessage): void {
    switch (message.type) {
      case 'subscribe':
        this.#subscribe(client, message);
        break;
      case 'follow':
        this.#logs.follow(client, message.taskId, message.afterLine ?? null);
        break;
      case 'unfollow':
        this.#logs.unfollow(client, message.taskId);
        break;
      case 'ping':
        this.#events.push(client, encodeMessage({ type: 'pong' }));
        break;
      default:
        message satisfies never;
    }
  }

  #subscribe(client: TaskClient, { hosts, cursor }: SubscribeMessage): void {
    this.#events.subscribe(client, {
      hosts: hosts === undefined ? null : [...new Set(hosts)],
      cursor: cursor ?? null,
    });
  }
}
