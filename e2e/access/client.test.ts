import { type BoonerClient, type BoonerClientOptions, createBoonerClient } from '@booner/client';
import { eventually, type HubProcess, startHub } from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { throughout } from '../fleet/throughout.ts';
import { ask, madeUp, makeToken, revoke } from './asking.ts';

let hub: HubProcess;
beforeAll(async () => {
  hub = await startHub({ auth: 'first', env: { BOONER_INTERVAL_MS: '500' } });
});
afterAll(() => hub[Symbol.asyncDispose]());

/** A client that watches everything; disposing of it closes it. */
function watch(options: Omit<BoonerClientOptions, 'url'>): BoonerClient & Disposable {
  const client = createBoonerClient({ url: hub.url, ...options });
  client.fleet.subscribe(() => {});
  client.tasks.subscribe(() => {});
  client.connection.subscribe(() => {});
  return { ...client, [Symbol.dispose]: () => client.close() };
}
const isLive = ({ connection }: BoonerClient) => connection.getSnapshot().type === 'live';
const within = (deadlineMs: number, what: string) => ({ deadlineMs, what });

/** Like a browser's: without headers. */
const withoutHeaders: BoonerClientOptions['webSocket'] = (url, protocols) => new WebSocket(url, protocols);

describe('the client of a hub that requires sign-in', () => {
  it('sends a token, or a ticket if WebSockets have no headers, with each connection', async () => {
    const { token } = await makeToken(hub, { name: 'client', role: 'viewer' });
    let tickets = 0;
    const ticket = async () => {
      tickets += 1;
      return (await ask(hub, 'POST', '/auth/tickets', { token })).json.ticket;
    };
    using byHeader = watch({ token: () => token });
    using byTicket = watch({ token: () => token, ticket, webSocket: withoutHeaders });
    await eventually(() => isLive(byHeader) && isLive(byTicket), within(10_000, 'both to be live'));
    expect(tickets).toBe(2);
    await hub.kill('SIGKILL');
    await eventually(() => !isLive(byHeader) && !isLive(byTicket), within(10_000, 'the loss'));
    await hub.restart(); // without Redis it recognizes no credentials any more
    await eventually(
      () => byHeader.connection.getSnapshot().reason.code === 'refused',
      within(20_000, 'the refusal'),
    );
    expect(byHeader.connection.getSnapshot()).toMatchObject({ type: 'offline' });
  });

  it('reconnects by itself after a hub was down', async () => {
    const { token } = await makeToken(hub, { name: 'back', role: 'viewer' });
    let taken = 0;
    const ticket = async () => {
      taken += 1;
      return (await ask(hub, 'POST', '/auth/tickets', { token })).json.ticket;
    };
    using client = watch({ token: () => token, ticket, webSocket: cutting(withoutHeaders) });
    await eventually(() => isLive(client), within(10_000, 'the client to be live'));
    const before = taken;
    for (const socket of open.splice(0)) socket.close();
    await eventually(
      () => taken >= before + 2 && isLive(client),
      within(20_000, 'the client to be connected again'),
    );
  });

  it('stops when its token is revoked, says so, and continues with another one', async () => {
    const { id, token } = await makeToken(hub, { name: 'over', role: 'viewer' });
    let shown = token;
    let requests = 0;
    using client = watch({
      token: () => {
        requests += 1;
        return shown;
      },
    });
    await eventually(() => isLive(client), within(10_000, 'the client to be live'));
    await revoke(hub, id);
    await eventually(() => client.connection.getSnapshot().type === 'offline', within(10_000, 'the end'));
    expect(client.connection.getSnapshot().reason).toEqual({
      code: 'refused',
      detail: 'The token is unknown, has expired or was revoked.',
    });
    const { fleet, tasks } = client.connections;
    await eventually(
      () => [fleet, tasks].every((connection) => connection.getSnapshot().type === 'offline'),
      within(10_000, 'the end of both streams'),
    );
    const before = requests;
    await throughout(3000, () => expect(requests).toBe(before));
    shown = (await makeToken(hub, { name: 'next', role: 'viewer' })).token;
    client.reconnect();
    await eventually(() => isLive(client), within(10_000, 'the client to be live again'));
  });

  it('reports that an invalid token is refused, and does not count as guessing', async () => {
    using client = watch({ token: () => madeUp('wrong') });
    await eventually(() => client.connection.getSnapshot().type === 'offline', within(15_000, 'the refusal'));
    expect(client.connection.getSnapshot().reason.code).toBe('refused');
    expect((await ask(hub, 'GET', '/targets', { token: madeUp('another') })).status).toBe(401);
  });
});

const open: WebSocket[] = [];
const cutting =
  (make: NonNullable<BoonerClientOptions['webSocket']>): BoonerClientOptions['webSocket'] =>
  (...given) => {
    const socket = make(...given);
    open.push(socket as WebSocket);
    return socket;
  };
