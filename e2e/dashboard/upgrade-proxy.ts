import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';

/** A proxy that knows HTTP, and may not know WebSockets. */
export type UpgradeProxy = AsyncDisposable & {
  readonly url: string;
  /** Cuts the open WebSockets, and refuses new ones. Requests pass. */
  block(): void;
  unblock(): void;
};

/** Starts a proxy of a hub on loopback. */
export async function startUpgradeProxy({ targetPort }: { targetPort: number }): Promise<UpgradeProxy> {
  const target = { host: '127.0.0.1', port: targetPort };
  const webSockets = new Set<Socket>();
  let isBlocked = false;

  const server = createServer((incoming, answer) => {
    const { method, url, headers } = incoming;
    const outgoing = request({ ...target, method, path: url, headers }, (response) => {
      answer.writeHead(response.statusCode!, response.headers);
      response.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy());
    answer.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  server.on('upgrade', (incoming: IncomingMessage, client: Socket, head: Buffer) => {
    client.on('error', () => client.destroy());
    if (isBlocked)
      return client.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    const upstream = connect(target);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      webSockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        webSockets.delete(from);
        to.destroy();
      });
    }
    upstream.write(`${headOf(incoming)}\r\n\r\n`);
    upstream.write(head);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of webSockets) socket.resetAndDestroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    block() {
      isBlocked = true;
      cut();
    },
    unblock() {
      isBlocked = false;
    },
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      server.closeAllConnections();
    },
  };
}

function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
  return lines.join('\r\n');
}
