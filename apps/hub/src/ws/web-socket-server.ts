import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { PROBLEM_MEDIA_TYPE, type Problem, V1_SUBPROTOCOL, V2_SUBPROTOCOL } from '@booner/protocol';
import { type ServerOptions, WebSocketServer } from 'ws';

/** Options of `ws` 8.23 that @types/ws lacks (see doc/ws.md of the package). */
type NewerOptions = { maxFragments: number; closeTimeout: number };

const OPTIONS: ServerOptions & NewerOptions = {
  noServer: true,
  clientTracking: false,
  /** Largest message of a client in bytes; a larger one closes its socket with 1009. */
  maxPayload: 64 * 1024,
  /** No well-behaved client splits a message into more fragments. */
  maxFragments: 64,
  closeTimeout: 2000,
  /** The supervisor answers pings: ws would cut a peer that sends 60 at once, without a code. */
  autoPong: false,
  // Never selects a ticket, which is offered along with them: it is a secret. Browsers fail a
  // WebSocket if none of their offers is selected, so a version 1 client with a ticket offers its
  // version, too.
  handleProtocols: (offered) => [V2_SUBPROTOCOL, V1_SUBPROTOCOL].find((name) => offered.has(name)) ?? false,
  // One compressed frame serves all clients only without a shared context (RFC 7692 section 7.1.1).
  perMessageDeflate: { serverNoContextTakeover: true, clientNoContextTakeover: true },
};

/** Creates the `ws` server behind both streams. It listens on no port of its own. */
export function createWebSocketServer(): WebSocketServer {
  const server = new WebSocketServer(OPTIONS);
  server.on('wsClientError', refuseHandshake);
  return server;
}

/**
 * Answers an upgrade that violates RFC 6455, such as one with the same subprotocol twice. `ws`
 * would answer with a text.
 */
function refuseHandshake({ message }: Error, socket: Duplex, { headers, method }: IncomingMessage): void {
  const status = method === 'GET' ? 400 : 405;
  const problem: Problem = {
    type: 'about:blank',
    title: 'Invalid WebSocket handshake',
    status,
    detail: `${message}.`,
  };
  const body = JSON.stringify(problem);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    `Content-Type: ${PROBLEM_MEDIA_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  if (status === 405) lines.push('Allow: GET');
  if (headers['sec-websocket-version'] !== '13') lines.push('Sec-WebSocket-Version: 13'); // section 4.4
  socket.once('finish', () => socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
