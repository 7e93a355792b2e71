import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type Logger, StartError } from '@booner/service';
import { createAdaptorServer } from '@hono/node-server';
import type { WebSocketServer } from 'ws';
import { plainAddress } from './address.ts';
import { countSockets } from './count-sockets.ts';
import { keepTls, requireTlsPair, secureContextOf, type TlsFiles, type TlsPair } from './tls.ts';
import { NO_PROXIES, type TrustedProxies } from './trusted-proxies.ts';

/** Deadlines for the headers and for the whole request. After that the client gets 408. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_TIMEOUT_MS = 10_000;
/** Deadline for the TLS handshake. After that the connection is cut. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/**
 * Connections that may wait to be accepted when all clients reconnect at once. Linux caps it at
 * net.core.somaxconn, 4096 by default.
 */
const BACKLOG = 4096;

export type HttpServerOptions = {
  readonly fetch: (request: Request, env?: object) => Response | Promise<Response>;
  readonly webSockets: WebSocketServer;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  /** Exempt from the limit per address, because each connects for many clients. */
  readonly trustedProxies?: TrustedProxies;
  /** Absent: plain HTTP. */
  readonly tls?: TlsFiles | null;
  readonly log: Logger;
};

export type HttpServer = AsyncDisposable & {
  readonly url: string;
  readonly connections: () => number;
  /** Serves a renewed certificate as soon as its files change, until the signal aborts. */
  run(options: { readonly signal: AbortSignal }): Promise<void>;
  /** Accepts no more connections and closes idle ones. */
  stopIntake(): void;
};

/**
 * Listens on an address.
 * @throws StartError naming the remedy if the address or the certificate cannot be used
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { log } = options;
  const tlsPair = options.tls ? requireTlsPair(options.tls) : null;
  const server = createAdaptorServer({
    fetch: options.fetch,
    websocket: { server: options.webSockets },
    ...(tlsPair === null ? {} : { createServer: createTlsServer }),
    serverOptions: {
      ...(tlsPair === null ? {} : { ...secureContextOf(tlsPair), handshakeTimeout: HANDSHAKE_TIMEOUT_MS }),
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      connectionsCheckingInterval: 1000,
      // Other offers to upgrade are ignored and the request is answered (RFC 9110 section 7.8).
      shouldUpgradeCallback: ({ headers, url }: IncomingMessage) =>
        headers.upgrade?.toLowerCase() === 'websocket' && (url ?? '').startsWith('/ws/'),
    },
  }) as Server;
  server.maxConnections = options.maxConnections;
  const connections = limitConnections(server, { ...options, isTls: tlsPair !== null });
  await listen(server, options);
  const { address, family, port } = server.address() as AddressInfo;
  const stopIntake = () => {
    if (server.listening) server.close();
    server.closeIdleConnections();
  };
  return {
    url: `${tlsPair === null ? 'http' : 'https'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    connections: () => connections.size,
    run: async ({ signal }) => {
      if (tlsPair === null) return;
      const tlsServer = server as TlsServer;
      const serve = (pair: TlsPair) => tlsServer.setSecureContext(secureContextOf(pair));
      await keepTls({ pair: tlsPair, serve, log }, { signal });
    },
    stopIntake,
    async [Symbol.asyncDispose]() {
      stopIntake();
      for (const socket of connections) socket.destroy();
    },
  };
}

async function listen(server: Server, { host, port }: HttpServerOptions): Promise<void> {
  server.listen({ host, port, backlog: BACKLOG });
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const remedies: Record<string, string> = {
      EADDRINUSE: `Port ${port} on ${host} is in use. Set PORT (or --port) to another, or stop the process that uses it.`,
      EACCES: `This process may not use port ${port}. Set PORT (or --port) to 1024 or higher.`,
      EADDRNOTAVAIL: `This machine does not have the address ${host}. Set HOST (or --host) to one that it has.`,
      ENOTFOUND: `${host} cannot be resolved. Set HOST (or --host) to an address of this machine.`,
    };
    throw new StartError(remedies[code ?? ''] ?? `Cannot listen on ${host}:${port}: ${String(error)}`, {
      cause: error,
    });
  }
}

/**
 * Answers 429 to connections beyond the limit of an address, or of the /64 of an IPv6 address.
 * Under TLS it cuts them.
 * @returns the open connections
 */
function limitConnections(
  server: Server,
  { maxConnectionsPerAddress, trustedProxies = NO_PROXIES, isTls }: HttpServerOptions & { isTls: boolean },
): ReadonlySet<Socket> {
  const connections = new Set<Socket>();
  const open = countSockets();
  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? '');
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    const count = open.add(address, socket);
    if (count <= maxConnectionsPerAddress || trustedProxies.has(address)) return;
    if (isTls) socket.destroy();
    else {
      socket.end(
        'HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nContent-Length: 0\r\nRetry-After: 5\r\n\r\n',
      );
    }
  });
  return connections;
}
