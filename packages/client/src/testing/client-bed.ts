import { type HubProcess, startHub, startTcpProxy, type TcpProxy } from '@booner/testkit';
import { expect } from 'vitest';
import { type BoonerClient, type BoonerClientOptions, createBoonerClient } from '../index.ts';

export const INTERVAL_MS = 500;

export type ClientBed = AsyncDisposable & {
  readonly hub: HubProcess;
  /** Between the client's WebSockets and the hub. REST has its own. */
  readonly webSockets: TcpProxy;
  readonly rest: TcpProxy;
  readonly client: BoonerClient;
};

/** A hub in embedded mode, and its client over two networks that can be broken. */
export async function startClientBed({
  hubEnv,
  ...options
}: Omit<BoonerClientOptions, 'url'> & {
  readonly hubEnv?: Readonly<Record<string, string>>;
} = {}): Promise<ClientBed> {
  await using starting = new AsyncDisposableStack();
  const hub = starting.use(await startHub({ env: { BOONER_INTERVAL_MS: `${INTERVAL_MS}`, ...hubEnv } }));
  const webSockets = starting.use(await startTcpProxy({ targetPort: hub.port }));
  const rest = starting.use(await startTcpProxy({ targetPort: hub.port }));
  const client = createBoonerClient({
    url: `http://127.0.0.1:${rest.port}`,
    webSocket: (url, protocols) =>
      new WebSocket(url.replace(`:${rest.port}/`, `:${webSockets.port}/`), protocols),
    ...options,
  });
  starting.defer(() => client.close());
  const stack = starting.move();
  return { hub, webSockets, rest, client, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Watches the fleet and asserts that it never goes back. Returns the number of pictures so far. */
export function watchFleet({ fleet }: BoonerClient): () => number {
  let pictures = 0;
  let sentAtMs = 0;
  fleet.subscribe(() => {
    pictures++;
    const picture = fleet.getSnapshot();
    expect(picture!.sentAtMs).toBeGreaterThanOrEqual(sentAtMs);
    sentAtMs = picture!.sentAtMs;
  });
  return () => pictures;
}

/** Watches the tasks and asserts that each change of each task arrives once and in order. */
export function watchTasks(client: BoonerClient) {
  const versions = new Map<string, number>();
  client.onTaskChange(({ task, previous }) => {
    const last = versions.get(task.id);
    if (last !== undefined) expect(previous?.version).toBe(last);
    expect(task.version).toBeGreaterThan(last ?? 0);
    versions.set(task.id, task.version);
  });
  return versions;
}

/** Calls the API like another program that runs a task, bypassing the proxies. */
export async function driveTask(hub: HubProcess, path: string, method: string, body: object) {
  const headers = { 'content-type': 'application/json' };
  const response = await hub.get(path, { method, headers, body: JSON.stringify(body) });
  expect(response.ok).toBe(true);
  return (await response.json()) as { task_id: string };
}

export const makeExternalTask = (hub: HubProcess) =>
  driveTask(hub, '/tasks', 'POST', {
    host: '127.0.0.1',
    action: 'outside',
    external: true,
    status: 'running',
  });
