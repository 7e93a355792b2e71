import { V1_SUBPROTOCOL, V2_SUBPROTOCOL } from '@booner/protocol';
import { type ServerOptions, WebSocketServer } from 'ws';

/** What @types/ws does not know of `ws` 8.23 (see doc/ws.md of the package). */
type NewerOptions = { maxFragments: number; closeTimeout: number };

const OPTIONS: ServerOptions & NewerOptions = {
  noServer: true,
  clientTracking: false,
  /** Largest message of a client; a larger one closes its socket with 1009. */
  maxPayload: 64 * 1024,
  /** A message in more fragments is none of a client that means well. */
  maxFragments: 64,
  closeTimeout: 2000,
  // Never a ticket, which is offered along with them: it is a secret. Browsers fail a WebSocket of which no offer was taken, so one of
  // version 1 that brings a ticket offers the name of its version, too.
  handleProtocols: (offered) => [V2_SUBPROTOCOL, V1_SUBPROTOCOL].find((name) => offered.has(name)) ?? false,
  // One compressed frame serves all clients only without a shared context (RFC 7692 section 7.1.1).
  perMessageDeflate: { serverNoContextTakeover: true, clientNoContextTakeover: true },
};

/** The `ws` server behind both streams; it listens to nothing by itself. */
export const createWebSocketServer = (): WebSocketServer => new WebSocketServer(OPTIONS);
