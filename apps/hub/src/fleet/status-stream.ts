import { type StatusServerMessage, statusClientMessageSchema } from '@booner/protocol';
import type { WebSocket } from 'ws';
import { type EncodedFrame, encodeFrame, writeFrame } from '../ws/broadcast-frame.ts';
import { readClientMessage } from '../ws/client-message.ts';
import { fanOut } from '../ws/fan-out.ts';
import {
  patchText,
  type StatusScope,
  type StatusSource,
  scopeKey,
  snapshotText,
  version1Text,
} from './status-messages.ts';

const WHOLE_FLEET: StatusScope = { hosts: null, detail: 'summary' };

/** Clients of version 2 that see the same targets in the same detail, and so get the same frames. */
type View = {
  readonly scope: StatusScope;
  readonly clients: Set<WebSocket>;
  snapshot: { readonly sequence: number; readonly frame: EncodedFrame } | null;
};

/** `sequence` is that of the last frame that the client was sent; `null` when it missed one and needs a snapshot. */
type Version2Client = { view: View; sequence: number | null };

export type StreamCounts = { broadcasts: number; framesWritten: number; framesSkipped: number };

/**
 * The status stream: what is sent goes out by {@link StatusStream.broadcast}, on one schedule for all clients; a client gets its
 * first frame at once. One that has not drained a frame misses the next ones; on version 2 it then gets a snapshot, so that its
 * picture is whole again. Before the fleet was loaded, clients of version 1 get nothing, and those of version 2 are told to wait.
 */
export class StatusStream {
  readonly #source: StatusSource;
  readonly #version1Clients = new Set<WebSocket>();
  readonly #version2Clients = new Map<WebSocket, Version2Client>();
  readonly #views = new Map<string, View>();
  readonly #counts: StreamCounts = { broadcasts: 0, framesWritten: 0, framesSkipped: 0 };
  #version1: EncodedFrame | null = null;
  #sequence = 1;
  #broadcasting: Promise<void> = Promise.resolve();

  constructor(source: StatusSource) {
    this.#source = source;
  }

  get counts(): Readonly<StreamCounts> {
    return this.#counts;
  }

  get clientCounts(): { version1: number; version2: number } {
    return { version1: this.#version1Clients.size, version2: this.#version2Clients.size };
  }

  /** JSON of the last broadcast of version 1. */
  get lastVersion1Text(): string {
    return this.#lastVersion1().text;
  }

  /** JSON of the `snapshot` that a client of version 2 gets now. */
  snapshotText(): string {
    return snapshotText(this.#source, WHOLE_FLEET, this.#sequence);
  }

  addVersion1(socket: WebSocket): void {
    this.#version1Clients.add(socket);
    if (this.#source.fleet.isLoaded) writeFrame(socket, this.#lastVersion1());
  }

  addVersion2(socket: WebSocket): void {
    this.#show(socket, WHOLE_FLEET);
  }

  /** Takes a message of a client of version 2. An invalid one is answered by an `error`; the socket lives. */
  receive(socket: WebSocket, text: string): void {
    const judged = readClientMessage(statusClientMessageSchema, text);
    if ('fault' in judged) {
      this.refuse(socket, judged.fault);
      return;
    }
    const { message } = judged;
    switch (message.type) {
      case 'subscribe': {
        const { hosts, detail } = message;
        this.#show(socket, { hosts: hosts === undefined ? null : [...new Set(hosts)], detail });
        break;
      }
      case 'ping':
        this.#answer(socket, { type: 'pong' });
        break;
      default:
        message satisfies never;
    }
  }

  refuse(socket: WebSocket, detail: string): void {
    if (!this.#version2Clients.has(socket)) return; // version 1 knows no message but the status
    this.#answer(socket, { type: 'error', detail });
  }

  remove(socket: WebSocket): void {
    this.#version1Clients.delete(socket);
    this.#leaveView(socket);
    this.#version2Clients.delete(socket);
  }

  /** Sends the state of now to all, once the broadcast before has ended. The promise is of this one, and rejects when it fails. */
  broadcast(): Promise<void> {
    const next = () => this.#broadcastNow();
    this.#broadcasting = this.#broadcasting.then(next, next); // one that failed must not end the stream
    return this.#broadcasting;
  }

  async #broadcastNow(): Promise<void> {
    this.#counts.broadcasts++;
    if (!this.#source.fleet.isLoaded) {
      const waiting = this.#waitingFrame();
      return this.#send([...this.#version2Clients.keys()], waiting, () => {});
    }
    const sequence = ++this.#sequence;
    const changes = this.#source.fleet.takeChanges();
    const version1 = encodeFrame(version1Text(this.#source));
    this.#version1 = version1;
    const behind = [...this.#version2Clients]
      .filter(([, client]) => client.sequence === null)
      .map(([socket]) => socket);
    // All frames are encoded before the first write yields: who connects in between starts from this state or a later one.
    const patches = [...this.#views.values()].map((view) => {
      return { view, frame: encodeFrame(patchText(this.#source, view.scope, changes, sequence)) };
    });
    await this.#send([...this.#version1Clients], version1, () => {});
    for (const { view, frame } of patches) {
      await this.#send(this.#takePatch(view, sequence), frame, (socket) => {
        const client = this.#version2Clients.get(socket);
        if (client !== undefined) client.sequence = null;
      });
    }
    for (const socket of behind) this.#sendSnapshot(socket);
  }

  async #send(sockets: Iterable<WebSocket>, frame: EncodedFrame, onSkipped: (socket: WebSocket) => void) {
    const { written, skipped } = await fanOut(sockets, frame, { onSkipped });
    this.#counts.framesWritten += written;
    this.#counts.framesSkipped += skipped;
  }

  #lastVersion1(): EncodedFrame {
    this.#version1 ??= encodeFrame(version1Text(this.#source));
    return this.#version1;
  }

  #waitingFrame(): EncodedFrame {
    const message: StatusServerMessage = { type: 'waiting', reason: this.#source.waitingFor() };
    return encodeFrame(JSON.stringify(message));
  }

  /** The clients of a view that have the broadcast before, asked one by one while the fan-out goes on. */
  *#takePatch(view: View, sequence: number): Iterable<WebSocket> {
    for (const socket of [...view.clients]) {
      const client = this.#version2Clients.get(socket);
      if (client?.view !== view || client.sequence !== sequence - 1) continue;
      client.sequence = sequence;
      yield socket;
    }
  }

  #answer(socket: WebSocket, message: Extract<StatusServerMessage, { type: 'error' | 'pong' }>): void {
    socket.send(JSON.stringify(message), { compress: false });
  }

  #show(socket: WebSocket, scope: StatusScope): void {
    this.#leaveView(socket);
    const key = scopeKey(scope);
    const view = this.#views.get(key) ?? { scope, clients: new Set(), snapshot: null };
    this.#views.set(key, view);
    view.clients.add(socket);
    this.#version2Clients.set(socket, { view, sequence: null });
    this.#sendSnapshot(socket);
  }

  #leaveView(socket: WebSocket): void {
    const view = this.#version2Clients.get(socket)?.view;
    if (view === undefined) return;
    view.clients.delete(socket);
    if (view.clients.size === 0) this.#views.delete(scopeKey(view.scope));
  }

  /** Sends a snapshot now; a socket that has not drained gets its own after a later broadcast. */
  #sendSnapshot(socket: WebSocket): void {
    const client = this.#version2Clients.get(socket);
    if (client === undefined || client.sequence !== null || socket.bufferedAmount > 0) return;
    if (!this.#source.fleet.isLoaded) {
      writeFrame(socket, this.#waitingFrame());
      return;
    }
    const { view } = client;
    if (view.snapshot?.sequence !== this.#sequence) {
      const frame = encodeFrame(snapshotText(this.#source, view.scope, this.#sequence));
      view.snapshot = { sequence: this.#sequence, frame }; // one for all who come before the next broadcast
    }
    if (writeFrame(socket, view.snapshot.frame) === 'written') client.sequence = view.snapshot.sequence;
  }
}
