import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, startProcess } from '@booner/testkit';

export type Proxy = AsyncDisposable & { readonly url: string };

/**
 * Starts a proxy that does not know WebSockets, as old ones do: it forwards an upgrade as the plain
 * GET that it also is.
 */
export async function startPlainProxy(targetPort: number): Promise<Proxy> {
  const server = createServer((incoming, answer) => {
    const { method, url, headers } = incoming;
    const { upgrade: _, connection: __, ...kept } = headers;
    const outgoing = request(
      { host: '127.0.0.1', port: targetPort, method, path: url, headers: kept },
      (response) => {
        answer.writeHead(response.statusCode ?? 502, {
          ...response.headers,
          via: '1.1 old-proxy',
          connection: 'close',
        });
        response.pipe(answer);
      },
    );
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A real nginx whose location does not forward upgrades. */
export async function startForgetfulNginx(targetPort: number): Promise<Proxy> {
  const directory = await mkdtemp(join(tmpdir(), 'booner-nginx-'));
  const port = await freePort();
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${directory}/${name};`,
  );
  const configuration = `daemon off; master_process off; pid ${directory}/pid; error_log ${directory}/error.log;
    events {}
    http {
      access_log off; ${paths.join(' ')}
      server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${targetPort}; proxy_set_header Host $http_host; } }
    }`;
  await writeFile(join(directory, 'nginx.conf'), configuration);
  const nginx = await startProcess({
    command: 'nginx',
    args: ['-p', directory, '-e', `${directory}/error.log`, '-c', `${directory}/nginx.conf`],
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => (await fetch(`${url}/healthz`)).ok, {
    what: 'nginx to answer',
  });
  return {
    url,
    async [Symbol.asyncDispose]() {
      await nginx[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/**
 * Opens a port whose kernel drops connection attempts, as a firewall does: the queue of its
 * listener is full, and the listener is stopped.
 */
export async function startDroppingPort(): Promise<AsyncDisposable & { readonly port: number }> {
  const port = await freePort();
  const script = `require('node:net').createServer().listen({ port: ${port}, host: '127.0.0.1', backlog: 1 }, () => console.log('up'))`;
  const listener = await startProcess({ command: process.execPath, args: ['-e', script] });
  await eventually(() => listener.lines.stdout.includes('up'), { what: 'the listener' });
  listener.kill('SIGSTOP');
  const sockets: Socket[] = [];
  await eventually(
    async () => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      sockets.push(socket);
      const isIn = await Promise.race([
        once(socket, 'connect').then(() => true),
        new Promise<boolean>((resolve) => setTimeout(resolve, 300, false)),
      ]);
      return !isIn;
    },
    { what: 'the queue to be full' },
  );
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await listener[Symbol.asyncDispose]();
    },
  };
}
