import { once } from 'node:events';
import { request } from 'node:http';
import { V1_SUBPROTOCOL, V2_SUBPROTOCOL } from '@booner/protocol';
import {
  eventually,
  type HubProcess,
  openStatusClient,
  openTaskClient,
  type RedisServer,
  startHub,
  startRedis,
} from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connectOperator } from '../fleet/operator.ts';
import { ask, madeUp, makeToken, revoke, signIn } from './asking.ts';

const DAY_MS = 24 * 3_600_000;
const POLICY_VIOLATION = 1008;

let redis: RedisServer;
let hub: HubProcess;
let otherHub: HubProcess;
beforeAll(async () => {
  redis = await startRedis();
  hub = await startHub({ redisUrl: redis.url, auth: 'first' });
  otherHub = await startHub({ redisUrl: redis.url, auth: { adminToken: hub.adminToken } });
});
afterAll(async () => {
  await Promise.all([hub, otherHub].map((each) => each[Symbol.asyncDispose]()));
  await redis[Symbol.asyncDispose]();
});

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const takeTicket = async (from: HubProcess, token: string): Promise<string> => {
  const { status, json } = await ask(from, 'POST', '/auth/tickets', { token });
  expect(status).toBe(201);
  expect(json).toEqual({ ticket: expect.stringMatching(/^ticket\.[\w-]{43}$/), expiresInMs: 30_000 });
  return json.ticket;
};

/** Status of an upgrade: 101 if it is accepted. */
async function upgrade(
  to: HubProcess,
  { protocols = [], headers = {} }: { protocols?: string[]; headers?: Record<string, string> },
): Promise<{ status: number; protocol: string; headers: Readonly<Record<string, unknown>> }> {
  const socket = new WebSocket(`${to.wsUrl}/ws/system/status`, protocols, { headers });
  socket.on('error', () => {}); // what it is about is in the event that is waited for
  try {
    const outcome = await Promise.race([
      once(socket, 'upgrade').then(([response]) => response),
      once(socket, 'unexpected-response').then(([, response]) => response),
    ]);
    return {
      status: outcome.statusCode,
      protocol: outcome.headers['sec-websocket-protocol'] ?? '',
      headers: outcome.headers,
    };
  } finally {
    socket.terminate();
  }
}

describe('a WebSocket', () => {
  it("opens with a header, a cookie of the hub's own page, or a ticket, on any hub", async () => {
    const { token } = await makeToken(hub, { name: 'watcher', role: 'viewer' });
    const cookie = await signIn(hub, token);
    expect(await upgrade(otherHub, bearer(token))).toMatchObject({ status: 101 });
    expect(await upgrade(otherHub, { headers: { cookie, origin: otherHub.url } })).toMatchObject({
      status: 101,
    });
    const ticket = await takeTicket(hub, token);
    expect(await upgrade(otherHub, { protocols: [V2_SUBPROTOCOL, ticket] })).toMatchObject({
      status: 101,
      protocol: V2_SUBPROTOCOL,
    });
  });

  it('does not open otherwise: the refusal comes before the upgrade', async () => {
    const refusal = await upgrade(hub, {});
    expect(refusal.status).toBe(401);
    expect(refusal.headers['www-authenticate']).toMatch(/^Bearer/);
    expect(await upgrade(hub, bearer(madeUp()))).toMatchObject({ status: 401 });
    expect(await upgrade(hub, { protocols: [V2_SUBPROTOCOL, `ticket.${'A'.repeat(43)}`] })).toMatchObject({
      status: 401,
    });
    expect(await upgrade(hub, { protocols: [V2_SUBPROTOCOL, 'ticket.x'] })).toMatchObject({ status: 401 });
    const cookie = await signIn(hub, hub.adminToken);
    for (const origin of ['http://evil.example', otherHub.url]) {
      expect(await upgrade(hub, { headers: { cookie, origin } })).toMatchObject({ status: 403 });
    }
    expect(await upgrade(hub, { headers: { cookie, 'sec-fetch-site': 'cross-site' } })).toMatchObject({
      status: 403,
    });
  });

  it('accepts a ticket once, within its time, and never repeats it', async () => {
    const { id, token } = await makeToken(hub, { name: 'tickets', role: 'viewer' });
    const ticket = await takeTicket(hub, token);
    const version1 = { protocols: [V1_SUBPROTOCOL, ticket] };
    expect(await upgrade(hub, version1)).toMatchObject({ status: 101, protocol: V1_SUBPROTOCOL });
    expect(await upgrade(hub, version1)).toMatchObject({ status: 401 });
    expect(await upgrade(otherHub, version1)).toMatchObject({ status: 401 });
    const alone = { protocols: [await takeTicket(hub, token)] };
    expect(await upgrade(hub, alone)).toMatchObject({ status: 101, protocol: '' });
    const orphan = await takeTicket(hub, token);
    await revoke(hub, id);
    expect(await upgrade(hub, { protocols: [V2_SUBPROTOCOL, orphan] })).toMatchObject({ status: 401 });
  });

  it('is the only use of a ticket: no other request accepts one', async () => {
    for (const [method, path] of [
      ['GET', '/tokens'],
      ['POST', '/tokens'],
      ['GET', '/targets'],
    ] as const) {
      const ticket = await takeTicket(hub, hub.adminToken);
      const headers = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-protocol': ticket };
      const asked = request(`${hub.url}${path}`, { method, headers });
      asked.end();
      const [{ statusCode }] = await once(asked, 'response');
      expect([method, path, statusCode]).toEqual([method, path, 401]);
      asked.destroy();
      expect(await upgrade(hub, { protocols: [ticket] })).toMatchObject({ status: 101 });
    }
  });

  it('has tickets that expire in Redis after 30 s', async () => {
    await takeTicket(hub, hub.adminToken);
    using operator = connectOperator(redis.url);
    const keys = await operator.redis.keys('booner:ticket:*');
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      const ttlMs = await operator.redis.pttl(key);
      expect(ttlMs).toBeGreaterThan(0);
      expect(ttlMs).toBeLessThanOrEqual(30_000);
    }
  });

  it('closes with 1008 when its token is revoked, on every hub, with all sessions of the token', async () => {
    const { id, token } = await makeToken(hub, { name: 'leaving', role: 'viewer' });
    const cookie = await signIn(otherHub, token);
    using here = await openStatusClient(hub.url, { version: 1, ...bearer(token) });
    using there = await openTaskClient(otherHub.url, { version: 2, ...bearer(token) });
    using inBrowser = await openStatusClient(hub.url, { version: 2, headers: { cookie, origin: hub.url } });
    using byTicket = await openTaskClient(hub.url, { version: 2, protocols: [await takeTicket(hub, token)] });
    using other = await openStatusClient(otherHub.url, { version: 2, ...bearer(hub.adminToken) });
    await eventually(
      () => [here, there, inBrowser, byTicket, other].every(({ received }) => received.length > 0),
      {
        what: 'the first messages',
      },
    );
    await revoke(hub, id);
    for (const client of [here, there, inBrowser, byTicket]) {
      expect(await client.closed).toMatchObject({
        code: POLICY_VIOLATION,
        reason: expect.stringContaining('revoked'),
      });
    }
    expect(other.isOpen()).toBe(true);
  });

  it('closes with 1008 when its token expires', async () => {
    const { token } = await makeToken(hub, { name: 'short', role: 'viewer', expiresInDays: 3000 / DAY_MS });
    using client = await openStatusClient(otherHub.url, { version: 2, ...bearer(token) });
    expect(await client.closed).toMatchObject({ code: POLICY_VIOLATION });
  });
});

describe('several hubs', () => {
  it('accept at once a token that one of them created, and share one first token', async () => {
    const { token } = await makeToken(hub, { name: 'roaming', role: 'viewer' });
    expect((await ask(otherHub, 'GET', '/targets', { token })).status).toBe(200);
    const cookie = await signIn(hub, token);
    expect((await ask(otherHub, 'GET', '/targets', { cookie })).status).toBe(200);
    const { json } = await ask(otherHub, 'GET', '/tokens', { token: otherHub.adminToken });
    expect(
      json.tokens.filter(
        ({ name, kind }: Record<string, string>) => name === 'first admin' && kind === 'token',
      ),
    ).toHaveLength(1);
  });

  it('keep accepting known credentials while Redis is down, and answer that they cannot check others', async () => {
    await using own = await startRedis();
    await using alone = await startHub({ redisUrl: own.url, auth: 'first' });
    const { token } = await makeToken(alone, { name: 'steady', role: 'viewer' });
    const cookie = await signIn(alone, token);
    await own.kill('SIGKILL');
    await eventually(async () => (await alone.get('/readyz')).status === 503, {
      what: 'the outage',
    });
    expect((await ask(alone, 'GET', '/targets', { token })).status).toBe(200);
    expect((await ask(alone, 'GET', '/targets', { cookie })).status).toBe(200);
    const stranger = await ask(alone, 'GET', '/targets', { token: madeUp() });
    expect(stranger.status).toBe(503);
    expect(stranger.headers.get('retry-after')).not.toBeNull();
    expect((await ask(alone, 'GET', '/targets')).status).toBe(401);
  });
});
