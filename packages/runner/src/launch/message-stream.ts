import type { Socket } from 'node:net';
import type { z } from 'zod';
import { createLineSplitter } from '../log/line-splitter.ts';
import { helloSchema, LAUNCH_VERSION } from './messages.ts';

/** Longest quote of an invalid message in an error. */
const MAX_QUOTED = 200;

export type MessageStream<Sent> = {
  send(message: Sent): void;
  /** Bytes that the other side has not read. */
  unreadBytes(): number;
  /** Closes it, after `last` has been sent. */
  close(last?: Sent): void;
};

export type MessageStreamOptions<Received> = {
  readonly schema: z.ZodType<Received>;
  /** A longer message closes the connection. */
  readonly maxBytes: number;
  /** The other side speaks this version. */
  readonly onHello: () => void;
  readonly onMessage: (message: Received) => void;
  /** Another version, or a message that is invalid or too long. Nothing is received after it. */
  readonly onInvalid: (reason: string) => void;
};

/**
 * Exchanges messages over a socket, each a line of JSON. Sends the first one, `hello`, by itself.
 */
export function startMessageStream<Received, Sent extends { readonly type: string }>(
  socket: Socket,
  { schema, maxBytes, onHello, onMessage, onInvalid }: MessageStreamOptions<Received>,
): MessageStream<Sent> {
  let isGreeted = false;
  let isOver = false;

  const refuse = (reason: string) => {
    if (isOver) return;
    isOver = true;
    onInvalid(reason);
  };
  const receive = (line: string) => {
    const value = parseJson(line);
    if (!isGreeted) {
      const issue = findHelloIssue(value);
      if (issue !== null) return refuse(issue);
      isGreeted = true;
      return onHello();
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return onMessage(parsed.data);
    refuse(`invalid message ${quote(value)}: ${describe(parsed.error)}`);
  };
  const splitter = createLineSplitter({
    maxBytes,
    onLine: (bytes, droppedBytes) => {
      if (isOver) return;
      if (droppedBytes > 0) refuse(`a message is longer than ${maxBytes} bytes`);
      else receive(bytes.toString());
    },
  });
  const write = (message: object) => {
    if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
  };
  socket.on('data', (chunk: Buffer) => {
    if (!isOver) splitter.write(chunk);
  });
  write({ type: 'hello', version: LAUNCH_VERSION });
  return {
    send: write,
    unreadBytes: () => socket.writableLength,
    close: (last) => {
      isOver = true;
      if (last !== undefined) write(last);
      socket.end();
      socket.destroySoon();
    },
  };
}

function findHelloIssue(value: unknown): string | null {
  const hello = helloSchema.safeParse(value);
  if (!hello.success) return `the first message must be a hello, not ${quote(value)}`;
  const { version } = hello.data;
  return version === LAUNCH_VERSION
    ? null
    : `the other side speaks version ${version} instead of ${LAUNCH_VERSION}: restart booner-launcher`;
}

/** Names the type only: a message may contain secrets. */
function quote(value: unknown): string {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : typeof value;
  // A deep array has no text: `String` overflows the stack.
  return JSON.stringify((typeof type === 'string' ? type : typeof type).slice(0, MAX_QUOTED));
}

/** Names the fields and what they must be, without their values. */
const describe = ({ issues }: z.ZodError): string =>
  issues
    .map(({ path, message }) => `${path.map(String).join('.')}: ${message}`)
    .join('; ')
    .slice(0, 1000);

/** @returns `undefined` for text that is not JSON */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
