import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { freePort } from './free-port.ts';

const LOOPBACK = '127.0.0.1';
const BIND_ATTEMPTS = 10;

/** A proxy on loopback that breaks a network on demand. */
export type TcpProxy = AsyncDisposable & {
  readonly port: number;
  /** Becomes a black hole that keeps and accepts connections, but forwards nothing. */
  pause(): void;
  resume(): void;
  /** Resets (RST) both sides of every connection. */
  cut(): void;
  /** Stops listening. New connections are refused, existing ones continue. */
  refuse(): void;
  /** Listens again on the same port. */
  accept(): Promise<void>;
  /** Delays every chunk by some milliseconds from now on, in both directions. */
  delay(ms: number): void;
  /** Returns the number of open connections. */
  connections(): number;
};

type Conditions = { paused: boolean; delayMs: number };

/** One direction of one connection. `wake` forwards what may be forwarded by now. */
type Direction = { wake(): void };

/** Starts a proxy to a port on loopback. */
export async function startTcpProxy({ targetPort }: { targetPort: number }): Promise<TcpProxy> {
  const conditions: Conditions = { paused: false, delayMs: 0 };
  const sockets = new Set<Socket>();
  const directions = new Set<Direction>();

  const join = (client: Socket) => {
    const upstream = dial({ port: targetPort, host: LOOPBACK, allowHalfOpen: true });
    for (const [source, sink] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      const direction = forward(source, sink, conditions);
      directions.add(direction);
      sockets.add(sink);
      sink.setNoDelay(true);
      // A failure on one side reaches the other as a reset.
      source.on('error', () => sink.resetAndDestroy());
      sink.once('close', () => {
        sockets.delete(sink);
        directions.delete(direction);
      });
    }
  };

  const listen = async (port: number): Promise<Server> => {
    const created = createServer({ allowHalfOpen: true, pauseOnConnect: true }, join);
    created.listen(port, LOOPBACK);
    await once(created, 'listening');
    return created;
  };

  let server = await listenSomewhere(listen);
  const { port } = server.address() as { port: number };
  const wakeAll = () => {
    for (const direction of directions) direction.wake();
  };
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port,
    pause: () => {
      conditions.paused = true;
      wakeAll();
    },
    resume: () => {
      conditions.paused = false;
      wakeAll();
    },
    cut,
    refuse: () => void server.close(),
    accept: async () => {
      if (!server.listening) server = await listen(port);
    },
    delay: (ms) => {
      conditions.delayMs = ms;
    },
    connections: () => sockets.size / 2,
    async [Symbol.asyncDispose]() {
      const closed = server.listening ? once(server, 'close') : Promise.resolve();
      server.close();
      cut();
      await closed;
    },
  };
}

async function listenSomewhere(listen: (port: number) => Promise<Server>): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await listen(await freePort());
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempt === BIND_ATTEMPTS) throw error;
    }
  }
}

function forward(source: Socket, sink: Socket, conditions: Conditions): Direction {
  const held: { readonly chunk: Buffer | 'end'; readonly dueMs: number }[] = [];
  let timer: NodeJS.Timeout | undefined;

  const wake = () => {
    clearTimeout(timer);
    if (conditions.paused || sink.destroyed) return void source.pause();
    for (let next = held[0]; next !== undefined; next = held[0]) {
      const waitMs = next.dueMs - performance.now();
      if (waitMs > 0) {
        timer = setTimeout(wake, waitMs);
        break;
      }
      held.shift();
      if (next.chunk === 'end') sink.end();
      else sink.write(next.chunk);
    }
    if (!sink.writableNeedDrain) source.resume();
  };
  const hold = (chunk: Buffer | 'end') => {
    held.push({ chunk, dueMs: performance.now() + conditions.delayMs });
    if (sink.writableNeedDrain) source.pause();
    wake();
  };
  source.on('data', hold);
  source.on('end', () => hold('end'));
  sink.on('drain', wake);
  sink.on('close', () => clearTimeout(timer));
  wake();
  return { wake };
}
