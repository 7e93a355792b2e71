import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { encodeClientFrame, OPCODES } from './client-frame.ts';
import { FrameParser } from './frame-parser.ts';

/** All clients of a process read into this one buffer, in turn: a read allocates nothing. */
const READ_BUFFER = Buffer.alloc(256 * 1024);
const CONNECT_TIMEOUT_MS = 20_000;

/**
 * Protocol over the WebSocket. `engine.io` is the protocol of socket.io 4 (engine.io 4 over a
 * WebSocket from the start): https://socket.io/docs/v4/engine-io-protocol/ and
 * https://socket.io/docs/v4/socket-io-protocol/
 */
export type Dialect = 'plain' | 'engine.io';

export type RawClientOptions = {
  readonly port: number;
  readonly path: string;
  readonly dialect: Dialect;
  /** Address in 127.0.0.0/8 to connect from. */
  readonly localAddress?: string;
  /** Asked for in the handshake; a server that does not take it is an error. */
  readonly subprotocol?: string;
  /** Bytes of a message kept for `onMessage`. Default and minimum: 128. */
  readonly headBytes?: number;
  /**
   * A text frame, or with `engine.io` a packet of an event. `head` is its beginning and valid only
   * during the call.
   */
  onMessage(head: Buffer, payloadBytes: number): void;
  /** The connection ended, though {@link RawClient.destroy} was not called. */
  onLost(reason: string): void;
};

export type RawClient = { destroy(): void };

/**
 * A WebSocket client that does no more than the bench needs, so that thousands of them cost little:
 * one shared read buffer, no copy of payloads, no events. Answers pings. Resolves when messages can
 * arrive.
 */
export function connectRawClient(options: RawClientOptions): Promise<RawClient> {
  const { promise, resolve, reject } = Promise.withResolvers<RawClient>();
  let response = '';
  let isUpgraded = false;
  let isDestroyed = false;
  let closeReason = 'the connection was closed';

  const socket = connect({
    host: '127.0.0.1',
    port: options.port,
    ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
    noDelay: true,
    onread: {
      buffer: READ_BUFFER,
      callback: (bytesRead) => {
        take(READ_BUFFER.subarray(0, bytesRead));
        return !isDestroyed;
      },
    },
  });
  const destroy = () => {
    isDestroyed = true;
    clearTimeout(timer);
    socket.resetAndDestroy(); // no TIME_WAIT: the next cell needs the port numbers
  };
  const fail = (reason: string) => {
    if (isDestroyed) return;
    destroy();
    reject(new Error(reason));
    options.onLost(reason);
  };
  const timer = setTimeout(() => fail('not connected within 20 s'), CONNECT_TIMEOUT_MS);
  const ready = () => {
    clearTimeout(timer);
    resolve({ destroy });
  };
  const send = (opcode: number, payload: Buffer) => socket.write(encodeClientFrame(opcode, payload));

  const parser = new FrameParser(({ opcode, payloadBytes, head }) => {
    if (opcode === OPCODES.text && options.dialect === 'plain') options.onMessage(head, payloadBytes);
    else if (opcode === OPCODES.text) takeEngineIoPacket(head, payloadBytes);
    else if (opcode === OPCODES.ping) send(OPCODES.pong, head);
    else if (opcode === OPCODES.close) answerClose(head);
    else throw new Error(`a frame with opcode ${opcode}`);
  }, options.headBytes);

  /**
   * Packets are text. The first character is the type; in a message (`4`) the second is the type of
   * socket.io.
   */
  function takeEngineIoPacket(head: Buffer, payloadBytes: number): void {
    const type = head.toString('latin1', 0, 2);
    if (type === '42') options.onMessage(head, payloadBytes);
    else if (type.startsWith('0'))
      send(OPCODES.text, Buffer.from('40')); // opened: join the default namespace
    else if (type.startsWith('40')) ready();
    else if (type === '2') send(OPCODES.text, Buffer.from('3'));
    else throw new Error(`an engine.io packet that begins with ${type}`);
  }

  /** The server ends the connection when it has the answer (RFC 6455 section 5.5.1). */
  function answerClose(payload: Buffer): void {
    closeReason = describeClose(payload);
    send(OPCODES.close, payload);
  }

  function take(bytes: Buffer): void {
    try {
      if (isUpgraded) parser.push(bytes);
      else takeHandshake(bytes);
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error));
    }
  }

  function takeHandshake(bytes: Buffer): void {
    response += bytes.toString('latin1');
    const end = response.indexOf('\r\n\r\n');
    if (end < 0) return;
    if (!response.startsWith('HTTP/1.1 101 ')) throw new Error(`refused: ${response.slice(0, 300)}`);
    if (options.subprotocol !== undefined && !answersSubprotocol(response, options.subprotocol)) {
      throw new Error(`the server does not speak ${options.subprotocol}`);
    }
    isUpgraded = true;
    const frames = Buffer.from(response.slice(end + 4), 'latin1');
    response = '';
    if (options.dialect === 'plain') ready();
    parser.push(frames);
  }

  socket.on('error', (error) => fail(error.message));
  socket.on('close', () => fail(closeReason));
  socket.write(
    [
      `GET ${options.path} HTTP/1.1`,
      `Host: 127.0.0.1:${options.port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      ...(options.subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${options.subprotocol}`]),
      '\r\n',
    ].join('\r\n'),
  );
  return promise;
}

const answersSubprotocol = (response: string, subprotocol: string): boolean =>
  response.toLowerCase().includes(`\r\nsec-websocket-protocol: ${subprotocol.toLowerCase()}\r\n`);

function describeClose(payload: Buffer): string {
  if (payload.length < 2) return 'closed by the server without a code';
  return `closed by the server with ${payload.readUInt16BE(0)} ${payload.toString('utf8', 2)}`.trim();
}
