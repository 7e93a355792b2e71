import { CLOSE_CODES, mayReconnect } from '@booner/protocol/close-codes';
import { V2_SUBPROTOCOL } from '@booner/protocol/subprotocol';
import type { Loss } from './machine.ts';

/** The parts of a WebSocket that are used. Those of browsers, Node.js and `ws` have them. */
export type WebSocketLike = {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: 'close',
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void;
};

/** Opens a WebSocket. `headers` are for runtimes whose clients can set them; browsers cannot. */
export type WebSocketFactory = (
  url: string,
  protocols: string[],
  headers: Readonly<Record<string, string>>,
) => WebSocketLike;

export type SocketAccess = {
  /** Returns what opens WebSockets, or `null` if the runtime has none. */
  readonly webSocket: () => WebSocketFactory | null;
  /** Headers of the upgrade request. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  /** Ticket for one WebSocket, or `null` if there are none. */
  readonly ticket: () => Promise<string | null>;
};

export type SocketHandlers = {
  readonly onOpen: () => void;
  readonly onText: (text: string) => void;
  /** Called once, and never after `close`. */
  readonly onLost: (loss: Loss) => void;
};

export type OpenSocket = {
  /** Sends a text, or drops it unless the WebSocket is open. */
  send(text: string): void;
  /** Closes the WebSocket without waiting for the other side. No further callbacks. */
  close(): void;
};

/** Opens a WebSocket of version 2. */
export function openSocket(url: () => string, access: SocketAccess, handlers: SocketHandlers): OpenSocket {
  let socket: WebSocketLike | null = null;
  let isOpen = false;
  let isOver = false;

  const lose = (loss: Loss) => {
    if (isOver) return;
    isOver = true;
    isOpen = false;
    handlers.onLost(loss);
  };
  const connect = async () => {
    const [headers, ticket] = await Promise.all([access.headers(), access.ticket()]);
    if (isOver) return;
    const open = access.webSocket();
    if (open === null) return lose({ cause: 'no_websocket' });
    const created = open(url(), [V2_SUBPROTOCOL, ...(ticket === null ? [] : [ticket])], headers);
    socket = created;
    created.addEventListener('open', () => {
      if (isOver) return created.close();
      isOpen = true;
      handlers.onOpen();
    });
    created.addEventListener('message', ({ data }) => {
      if (isOver) return;
      if (typeof data === 'string') handlers.onText(data);
      else lose(lossOf('the hub sent what is no text'));
    });
    created.addEventListener('close', ({ code, reason }) => lose(closeLoss(code, reason, isOpen)));
    created.addEventListener('error', () => undefined); // without details; a close event follows
  };
  connect().catch((error: unknown) => {
    lose(
      lossOf(`the WebSocket could not be opened: ${error instanceof Error ? error.message : String(error)}`),
    );
  });
  return {
    send(text) {
      if (isOpen) socket?.send(text);
    },
    close() {
      isOver = true;
      isOpen = false;
      socket?.close();
    },
  };
}

/** A loss after which the client reconnects. */
export const lossOf = (detail: string): Loss => ({
  cause: 'closed',
  detail,
  mayReconnect: true,
  isRateLimited: false,
});

function closeLoss(code: number, reason: string, wasOpen: boolean): Loss {
  const said = reason === '' ? '' : `: ${reason}`;
  const detail = wasOpen ? `the WebSocket was closed (${code}${said})` : 'the WebSocket could not be opened';
  return {
    cause: 'closed',
    detail,
    mayReconnect: mayReconnect(code),
    isRateLimited: code === CLOSE_CODES.rateLimited || code === CLOSE_CODES.tooManyStreams,
  };
}

/** Node.js accepts headers for a WebSocket, unlike the standard. */
type NodeWebSocket = new (
  url: string,
  options: { readonly protocols: string[]; readonly headers: Readonly<Record<string, string>> },
) => WebSocketLike;
type StandardWebSocket = new (url: string, protocols: string[]) => WebSocketLike;

/** Returns what opens WebSockets of this runtime; `null` if it has none, as Node.js 20. */
export function platformWebSocket(): WebSocketFactory | null {
  const { WebSocket, process } = globalThis as {
    WebSocket?: unknown;
    process?: { versions?: { node?: string } };
  };
  if (WebSocket === undefined) return null;
  return (url, protocols, headers) =>
    process?.versions?.node !== undefined && Object.keys(headers).length > 0
      ? new (WebSocket as NodeWebSocket)(url, { protocols, headers })
      : new (WebSocket as StandardWebSocket)(url, protocols);
}
