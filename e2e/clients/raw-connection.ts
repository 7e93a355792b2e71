import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** The hub's own limits for slow requests are shorter. */
const DEADLINE_MS = 60_000;

export type RawOptions = {
  /** Address of the client, such as 127.0.0.2: all of 127.0.0.0/8 is this machine. */
  readonly localAddress?: string;
};

export type RawAnswer = {
  /** `null` when the connection ended without an answer. */
  readonly status: number | null;
  /** Status line and header lines as received. */
  readonly head: string;
  readonly body: string;
};

/**
 * Opens a TCP connection to a hub, below HTTP. Errors on it are those of the wire: `close` follows
 * each of them.
 */
export async function connectRaw(port: number, { localAddress }: RawOptions = {}): Promise<Socket> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    ...(localAddress === undefined ? {} : { localAddress }),
  });
  await once(socket, 'connect');
  socket.on('error', () => socket.destroy()); // a reset is an end like another here
  return socket;
}

/**
 * Waits for the end of a connection, be it a reset.
 * @throws Error when the deadline passes
 */
export function closed(socket: Socket, deadlineMs = DEADLINE_MS): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(
    () => reject(new Error(`the connection is still open after ${deadlineMs} ms`)),
    deadlineMs,
  );
  const onClosed = () => {
    clearTimeout(timer);
    resolve();
  };
  if (socket.closed) onClosed();
  else socket.once('close', onClosed);
  return promise;
}

/**
 * Sends bytes and collects the answer until the hub ends the connection. `drip` goes out after
 * them, a byte a second.
 */
export async function exchange(
  port: number,
  request: string | Buffer,
  { drip = '', ...options }: RawOptions & { drip?: string } = {},
): Promise<RawAnswer> {
  const socket = await connectRaw(port, options);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  const bytes = [...drip];
  const dripping = setInterval(() => {
    const byte = bytes.shift();
    if (byte !== undefined && socket.writable) socket.write(byte);
  }, 1000);
  try {
    socket.write(request);
    await closed(socket);
  } finally {
    clearInterval(dripping);
    socket.destroy();
  }
  const text = Buffer.concat(chunks).toString();
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
  return {
    status: status === undefined ? null : Number(status),
    head,
    body: rest.join('\r\n\r\n'),
  };
}

/** A request in HTTP/1.1 without a body, after which the hub ends the connection. */
export function requestText(
  port: number,
  target: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  const all = { Host: `127.0.0.1:${port}`, Connection: 'close', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** The client's side of an opening handshake, RFC 6455 section 4.1, with the key of its example. */
export const upgradeText = (
  port: number,
  target: string,
  headers: Readonly<Record<string, string>> = {},
): string =>
  requestText(port, target, {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  });

/**
 * Opens a WebSocket of the status stream that sends only what the test writes: no pongs, no closing
 * handshake.
 */
export async function openRawWebSocket(
  port: number,
  options: RawOptions & { readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Socket> {
  const socket = await connectRaw(port, options);
  socket.write(upgradeText(port, '/ws/system/status', options.headers));
  const [first] = (await once(socket, 'data')) as [Buffer];
  if (!first.toString().startsWith('HTTP/1.1 101 ')) throw new Error(`no upgrade: ${first.toString()}`);
  return socket;
}

/**
 * A frame of a client, RFC 6455 section 5.2, masked with zeros. `first` contains FIN, RSV and the
 * opcode.
 */
export function clientFrame(first: number, payload: Buffer): Buffer {
  if (payload.length > 125) throw new RangeError('only short frames are needed here');
  return Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
