import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { AlertPage } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { ask } from '../access/asking.ts';
import { type HistoryBed, startHistoryBed } from './history-bed.ts';

/** Fires as soon as a host is offline. */
const DOWN = { selector: '*', when: { state: 'offline' }, for: '0s', severity: 'crit' };

export type AlertsBed = Omit<HistoryBed, keyof AsyncDisposable> &
  AsyncDisposable & {
    /** Bodies that the channel `ops` received, in order. */
    readonly messages: readonly string[];
    /** Sends a request as an admin. Rejects with the answer unless it succeeds. */
    request(method: string, path: string, body?: unknown): Promise<unknown>;
    firing(): Promise<AlertPage['alerts']>;
    /** Silences a host until its alert fires. */
    fire(host: HistoryBed['hosts'][number]): Promise<AlertPage['alerts'][number]>;
  };

/** Starts a hub with a past whose alerts go to a chat, by the rule `down` alone. */
export async function startAlertsBed(): Promise<AlertsBed> {
  await using starting = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'booner-alerts-'));
  starting.defer(() => rm(directory, { recursive: true, force: true }));
  const secretFile = join(directory, 'alert-secret');
  await writeFile(secretFile, 'a secret of the tests', { mode: 0o600 });
  const messages: string[] = [];
  const chat = starting.use(await startChat(messages));
  const bed = starting.use(
    await startHistoryBed({ count: 4, days: 2, hubEnv: { BOONER_ALERT_SECRET_FILE: secretFile } }),
  );
  const request: AlertsBed['request'] = async (method, path, body) => {
    const { status, json } = await ask(bed.hub, method, path, { body });
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(json)}`);
    return json;
  };
  const { rules } = (await eventually(() => request('GET', '/alert-rules').catch(() => null), {
    what: 'the rules to be read',
  })) as { rules: { rule: { name: string } }[] };
  for (const { rule } of rules) {
    await request('PUT', `/alert-rules/${rule.name}`, { ...rule, enabled: false });
  }
  await request('PUT', '/alert-channels/ops', { type: 'slack', url: chat.url, allowPrivate: true });
  await request('PUT', '/alert-rules/down', DOWN);
  const firing: AlertsBed['firing'] = async () => ((await request('GET', '/alerts')) as AlertPage).alerts;
  const stack = starting.move();
  return {
    ...bed,
    messages,
    request,
    firing,
    async fire(host) {
      bed.fleet.silence(host);
      return await eventually(async () => (await firing()).find((alert) => alert.host === host), {
        what: `the alert of ${host}`,
      });
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A server that accepts the messages of Slack. */
async function startChat(messages: string[]): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(async (request, response) => {
    messages.push(await text(request));
    response.end('ok');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/hook`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
