import type { HostId, StatusServerMessage } from '@booner/protocol';
import {
  eventually,
  type HubProcess,
  openStatusClient,
  openTaskClient,
  type RedisServer,
  type StreamClient,
  startHub,
  startRedis,
} from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hubMetric, residentBytes } from '../clients/hub-gauges.ts';
import { registerFleet, type SimulatedFleet } from '../clients/simulated-fleet.ts';
import { ask, makeToken, signIn } from './asking.ts';

const MEBIBYTE = 2 ** 20;
const MAX_STREAMS = 60;
const TOO_MANY_STREAMS = 4003;
/** Hosts of each filter. */
const FILTERED = 990;
/** Filters of that size that one credential may have. */
const MAX_FILTERS = 8;

let redis: RedisServer;
let hub: HubProcess;
let fleet: SimulatedFleet;
beforeAll(async () => {
  redis = await startRedis();
  fleet = await registerFleet(redis.url, { size: 1000, labelLength: 500 });
  const env = { BOONER_MAX_STREAMS_PER_CREDENTIAL: `${MAX_STREAMS}`, BOONER_INTERVAL_MS: '500' };
  hub = await startHub({ redisUrl: redis.url, auth: 'first', env });
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  fleet[Symbol.dispose]();
  await redis[Symbol.asyncDispose]();
});

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const limitsReached = (limit: string) =>
  hubMetric(
    { get: (path) => hub.get(path, bearer(hub.adminToken)) },
    `booner_hub_stream_limits_total{limit="${limit}"}`,
  );

describe('one credential', () => {
  it('has a limited number of streams, those of its sessions and tickets among them', async () => {
    const { token } = await makeToken(hub, { name: 'watcher', role: 'viewer' });
    const cookie = await signIn(hub, token);
    const ways = [
      async () => openStatusClient(hub.url, { version: 1, ...bearer(token) }),
      async () => openTaskClient(hub.url, { version: 2, headers: { cookie, origin: hub.url } }),
      async () => {
        const { json } = await ask(hub, 'POST', '/auth/tickets', { token });
        return openStatusClient(hub.url, { version: 2, protocols: [json.ticket] });
      },
    ];
    using open = new DisposableStack();
    const clients = [];
    for (let index = 0; index < MAX_STREAMS; index++)
      clients.push(open.use(await ways[index % ways.length]!()));
    for (const connect of ways) {
      using excess = await connect();
      const { code, reason } = await excess.closed;
      expect([code, reason]).toEqual([TOO_MANY_STREAMS, expect.stringContaining('close some')]);
    }
    expect(clients.every((client) => client.isOpen())).toBe(true);
    expect(await limitsReached('streams')).toBe(ways.length);
    const { json } = await ask(hub, 'GET', '/audit', { token: hub.adminToken });
    expect(json.entries).toContainEqual(
      expect.objectContaining({
        verb: 'stream.limit',
        subject: expect.stringMatching(/^[\w-]{12} watcher$/),
        verdict: 'denied',
      }),
    );

    const other = await makeToken(hub, { name: 'another', role: 'viewer' });
    using others = await openStatusClient(hub.url, { version: 2, ...bearer(other.token) });
    await eventually(() => others.received.length > 0, { what: 'another token to be served' });

    clients[0]!.socket.close();
    await eventually(
      async () => {
        using again = await openStatusClient(hub.url, { version: 2, ...bearer(token) });
        return await Promise.race([
          again.closed.then(() => false),
          eventually(() => again.latest(), { what: 'data' }),
        ]);
      },
      { what: 'room for another stream' },
    );
  });

  it('costs bounded memory with a filter of its own on each of sixty streams, read or not', async () => {
    const { token } = await makeToken(hub, { name: 'greedy', role: 'viewer' });
    await mostResidentBytes(6); // what the fleet itself costs
    const beforeBytes = await residentBytes(hub.pid);
    using open = new DisposableStack();
    const clients = await subscribeAll(open, token, (index) =>
      fleet.hosts.filter((_, n) => n % 100 !== index),
    );
    const answers = clients.map(({ answer }) => answer);
    expect(answers.filter((answer) => answer === 'snapshot')).toHaveLength(MAX_FILTERS);
    expect(answers.filter((answer) => answer === 'error')).toHaveLength(MAX_STREAMS - MAX_FILTERS);
    expect(await limitsReached('filters')).toBe(MAX_STREAMS - MAX_FILTERS);
    for (const { client } of clients) client.socket.pause();
    expect(((await mostResidentBytes(6)) - beforeBytes) / MEBIBYTE).toBeLessThan(100);
  });

  it('shares one view among filters that differ by invented hosts, and shows a host that is added', async () => {
    const { token } = await makeToken(hub, { name: 'inventor', role: 'viewer' });
    using open = new DisposableStack();
    const invented = (index: number) => `invented-${index}.example` as HostId;
    const hostsOf = (index: number) => [...fleet.hosts.slice(0, FILTERED), invented(index)];
    const clients = await subscribeAll(open, token, hostsOf, 2 * MAX_FILTERS);
    expect(clients.map(({ answer }) => answer)).toEqual(clients.map(() => 'snapshot'));
    const body = { host: invented(7) };
    expect((await ask(hub, 'POST', '/targets', { token: hub.adminToken, body })).status).toBeLessThan(300);
    const shows = ({ client }: (typeof clients)[number]) =>
      client.received.some(({ message }) => targetsOf(message).some(({ host }) => host === invented(7)));
    await eventually(() => shows(clients[7]!), { what: 'the added host' });
    expect(clients.filter(shows)).toEqual([clients[7]]);
  });
});

const broadcastCount = () =>
  hubMetric({ get: (path) => hub.get(path, bearer(hub.adminToken)) }, 'booner_hub_broadcasts_total');

/** Publishes and broadcasts some times. @returns the hub's most resident memory meanwhile */
async function mostResidentBytes(rounds: number): Promise<number> {
  let mostBytes = 0;
  for (let round = 0; round < rounds; round++) {
    const broadcasts = await broadcastCount();
    await fleet.publish(1000);
    await eventually(async () => (await broadcastCount()) > broadcasts + 1, { what: 'a broadcast' });
    mostBytes = Math.max(mostBytes, await residentBytes(hub.pid));
  }
  return mostBytes;
}

const targetsOf = (message: StatusServerMessage) =>
  message.type === 'snapshot' || message.type === 'patch' ? message.targets : [];

/** Opens streams, by default as many as a credential may have, and narrows each to own hosts. */
async function subscribeAll(
  open: DisposableStack,
  token: string,
  hostsOf: (index: number) => HostId[],
  streams = MAX_STREAMS,
) {
  return Promise.all(
    Array.from({ length: streams }, async (_, index) => {
      const client: StreamClient<StatusServerMessage> = open.use(
        await openStatusClient(hub.url, { version: 2, ...bearer(token), perMessageDeflate: false }),
      );
      await eventually(() => client.latest(), { what: 'the whole fleet' });
      client.send({ type: 'subscribe', hosts: hostsOf(index), detail: 'full' });
      const answer = await eventually(
        () =>
          client.received.find(({ message }) => {
            if (message.type === 'error') return true;
            return message.type === 'snapshot' && message.targets.length === FILTERED;
          }),
        { what: 'an answer' },
      );
      return { client, answer: answer.message.type };
    }),
  );
}
