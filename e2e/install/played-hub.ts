import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Release } from './release.ts';

/** A hub in the hands of a test: it serves what the test says. */
export type PlayedHub = AsyncDisposable & {
  readonly url: string;
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[];
  /** Arguments of all processes at the times of the requests. */
  readonly processes: ReadonlySet<string>;
  /** Serves these files, and nothing else. */
  serve(files: Release): void;
};

export async function playHub(): Promise<PlayedHub> {
  let files: Release = new Map();
  const asked: string[] = [];
  const processes = new Set<string>();
  const server = createServer(async ({ url = '' }, response) => {
    asked.push(url);
    for (const line of await argumentsOfAll()) processes.add(line);
    if (url === '/healthz') return void response.end('{}');
    if (url === '/enrol') {
      const redis = `REDIS_URL=redis://127.0.0.1:${port}`; // the installer only connects
      return void response.end(`HOST_ID=10.0.0.2\n${redis}\nAGENT_USERNAME=a\nAGENT_PASSWORD=p\n`);
    }
    response.statusCode = files.has(url) ? 200 : 404;
    response.end(files.get(url));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    processes,
    serve: (served) => {
      files = served;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function argumentsOfAll(): Promise<readonly string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
}
