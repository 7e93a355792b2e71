import { createStore, type Store } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';
import { advance } from './connection-machine.ts';
import type { ConnectionReason, ConnectionState } from './connection-state.ts';
import { nextDeadline } from './deadlines.ts';
import { type Command, type Input, type MachineContext, STOPPED } from './machine.ts';
import { lossOf, type OpenSocket, openSocket, type SocketAccess } from './open-socket.ts';

/** One stream of a hub: the meaning of its messages, and how REST provides the same data. */
export type Stream = {
  /** URL of the WebSocket, evaluated at each opening, since it may contain a cursor. */
  readonly url: () => string;
  /** True if the hub sends a message each interval. */
  readonly isRegular: boolean;
  readonly intervalMs: () => number;
  /** A WebSocket is opening or open. Messages can be sent from `onOpen` on. */
  onOpening(): void;
  onOpen(send: (message: object) => void): void;
  /** The WebSocket is gone. */
  onLost(): void;
  /**
   * Handles a message.
   * @throws Error if no hub can have sent it; the WebSocket is then closed
   */
  receive(message: { readonly type: string }): void;
  /**
   * Reads the same data over REST. Rejects on failure. MUST NOT change anything once the signal has
   * aborted.
   */
  poll(signal: AbortSignal): Promise<void>;
};

export type LinkDeps = {
  readonly clock: Clock;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly access: SocketAccess;
  /** Called before each message. */
  readonly onMessage: () => void;
  /** Returns the meaning of a failed poll for the connection. */
  readonly pollFailureOf: (error: unknown) => {
    readonly reason: ConnectionReason;
    readonly retryAfterMs: number | null;
  };
};

export type StreamLink = {
  readonly connection: Store<ConnectionState>;
  input(input: Extract<Input, { type: 'start' | 'stop' | 'nudge' | 'woke' }>): void;
  /** Shows permanently that the client is closed. The link MUST be stopped. */
  end(): void;
};

/** Hubs answer it on any stream. Any message counts as the answer. */
const PROBE = '{"type":"ping"}';

const CLIENT_CLOSED: ConnectionReason = { code: 'client_closed', detail: 'this client is closed' };

/** Messages that start or renew the data of a stream, and so end a wait for it. */
const PICTURES: ReadonlySet<string> = new Set(['snapshot', 'resumed']);

/** Keeps one stream connected: runs the commands of its state machine and feeds it inputs. */
export function createStreamLink(stream: Stream, deps: LinkDeps): StreamLink {
  const { clock, nowMs, random } = deps;
  const connection = createStore<ConnectionState>(STOPPED.state);
  let machine = STOPPED;
  let socket: OpenSocket | null = null;
  let polling: AbortController | null = null;
  let waitingFor: string | null = null;
  let cancelTimer: (() => void) | null = null;
  let isAdvancing = false;
  let isOver = false;
  const inputs: Input[] = [];

  const contextNow = (): MachineContext => ({
    nowMs: nowMs(),
    random,
    intervalMs: stream.intervalMs(),
    isRegular: stream.isRegular,
  });

  /** Inputs that occur while a command runs are processed after it. */
  function input(next: Input): void {
    if (isOver) return;
    inputs.push(next);
    if (isAdvancing) return;
    isAdvancing = true;
    try {
      for (let each = inputs.shift(); each !== undefined; each = inputs.shift()) {
        const step = advance(machine, each, contextNow());
        machine = step.machine;
        for (const command of step.commands) perform(command);
      }
    } finally {
      isAdvancing = false;
    }
    schedule();
    connection.set(machine.state);
  }

  function schedule(): void {
    cancelTimer?.();
    const deadline = nextDeadline(machine, contextNow());
    const waitMs = deadline === null ? null : Math.max(0, deadline.atMs - nowMs());
    cancelTimer = waitMs === null ? null : clock.after(Math.ceil(waitMs), () => input({ type: 'tick' }));
  }

  function perform(command: Command): void {
    switch (command) {
      case 'open':
        open();
        break;
      case 'close':
        socket?.close();
        drop();
        break;
      case 'probe':
        socket?.send(PROBE);
        break;
      case 'poll':
        void poll();
        break;
      case 'abort_poll':
        polling?.abort();
        polling = null;
        break;
      default:
        command satisfies never;
    }
  }

  function open(): void {
    stream.onOpening();
    waitingFor = null;
    const opened = openSocket(stream.url, deps.access, {
      onOpen: () => stream.onOpen((message) => opened.send(JSON.stringify(message))),
      onText(text) {
        deps.onMessage();
        if (socket !== opened) return; // replaced after a sleep
        try {
          const message = readMessage(text);
          if (message.type === 'waiting') waitingFor = String(message.reason);
          else stream.receive(message);
          if (PICTURES.has(message.type)) waitingFor = null;
        } catch (error) {
          opened.close();
          drop();
          return input({ type: 'lost', loss: lossOf(`a message cannot be used: ${String(error)}`) });
        }
        input({ type: 'received', waitingFor });
      },
      onLost(loss) {
        drop();
        input({ type: 'lost', loss });
      },
    });
    socket = opened;
  }

  function drop(): void {
    socket = null;
    stream.onLost();
  }

  async function poll(): Promise<void> {
    const own = new AbortController();
    polling = own;
    try {
      await stream.poll(own.signal);
      if (polling === own) input({ type: 'polled' });
    } catch (error) {
      if (polling === own) input({ type: 'poll_failed', ...deps.pollFailureOf(error) });
    }
  }

  function end(): void {
    if (isOver) return;
    isOver = true;
    cancelTimer?.();
    const { dataAtMs } = machine.state;
    connection.set({ type: 'offline', reason: CLIENT_CLOSED, sinceMs: nowMs(), dataAtMs });
  }

  return { connection, input, end };
}

function readMessage(text: string): { readonly type: string; readonly reason?: unknown } {
  const message = JSON.parse(text) as { type?: unknown } | null;
  if (typeof message?.type !== 'string') throw new Error('the message has no type');
  return message as { readonly type: string };
}
