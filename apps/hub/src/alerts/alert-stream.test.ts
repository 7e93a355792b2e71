import { BusError } from '@booner/bus';
import { createMemoryBus } from '@booner/bus/memory';
import { ALL_SCOPES, type AlertServerMessage, CLOSE_CODES, registrationSchema } from '@booner/protocol';
import { eventually, openAlertClient, type StreamClient } from '@booner/testkit';
import { expect, it, vi } from 'vitest';
import {
  DB,
  endAlert,
  openAlert,
  RULE,
  startTestAlertHub,
  type TestAlertHub,
  WEB,
} from '../testing/test-alert-hub.ts';

type Client = StreamClient<AlertServerMessage>;

const messagesOf = ({ received }: Client) => received.map(({ message }) => message);
const typesOf = (client: Client) => messagesOf(client).map(({ type }) => type);
const lastCursorOf = (client: Client) =>
  messagesOf(client).findLast((message) => 'cursor' in message)!.cursor;

/** Longer than any wait in this file, so that a failed wait reports its name. */
vi.setConfig({ testTimeout: 70_000 });

const until = (what: string, condition: () => unknown) => eventually(condition, { what });
const connect = async (hub: TestAlertHub, query: Record<string, string> = {}) => {
  const client = await openAlertClient(hub.url, { version: 2, query });
  await until('an answer', () => client.received.length > 0);
  return client;
};
const loaded = (hub: TestAlertHub) => until('the board', () => hub.board.isLoaded);

it('sends a snapshot of what fires, then whole alerts as they begin, change and end', async () => {
  await using hub = await startTestAlertHub(createMemoryBus());
  const id = await openAlert(hub.bus, DB);
  await until('the alert', () => hub.board.open().length === 1);
  using client = await connect(hub);
  expect(client.latest()).toMatchObject({
    type: 'snapshot',
    cursor: hub.board.cursor,
    bus: 'connected',
    alerts: [{ id, host: DB, status: 'firing' }],
  });
  const other = await openAlert(hub.bus, WEB);
  await until('the other one', () => client.received.length === 2);
  await hub.ask('POST', `/alerts/${id}/ack`);
  await until('the acknowledgement', () => client.received.length === 3);
  await endAlert(hub.bus, DB);
  await until('the end', () => client.received.length === 4);
  expect(messagesOf(client).slice(1)).toMatchObject([
    { type: 'event', alerts: [{ id: other, host: WEB, acknowledged: null }] },
    { type: 'event', alerts: [{ id, acknowledged: { by: 'id tester' } }] },
    { type: 'event', alerts: [{ id, status: 'resolved', acknowledged: { by: 'id tester' } }] },
  ]);
});

it('tells which settings somebody changed', async () => {
  await using hub = await startTestAlertHub(createMemoryBus());
  await hub.settings.read();
  await loaded(hub);
  using client = await connect(hub);
  await hub.ask('PUT', `/alert-rules/${RULE}`, { enabled: false, selector: '*', when: { state: 'offline' } });
  await until('the settings', () => client.received.length === 2);
  expect(client.latest()).toMatchObject({ type: 'settings', kind: 'rules' });
});

it('resumes at a cursor with what was missed, on another hub too', async () => {
  const memory = createMemoryBus();
  await using hub = await startTestAlertHub(memory);
  await using other = await startTestAlertHub(memory);
  await Promise.all([loaded(hub), loaded(other)]);
  const client = await connect(hub);
  const cursor = lastCursorOf(client);
  client[Symbol.dispose]();
  const id = await openAlert(hub.bus, DB);
  await endAlert(hub.bus, DB);
  await openAlert(hub.bus, WEB);
  await until('the events', () => other.board.open()[0]?.host === WEB);
  using back = await connect(other, { cursor });
  await until('what was missed', () => back.received.length === 4);
  expect(messagesOf(back)).toMatchObject([
    { type: 'resumed', cursor, bus: 'connected' },
    { type: 'event', alerts: [{ id, status: 'firing' }] },
    { type: 'event', alerts: [{ id, status: 'resolved' }] },
    { type: 'event', alerts: [{ host: WEB }] },
  ]);
  back.send({ type: 'subscribe', cursor: lastCursorOf(back) });
  await until('an answer', () => back.received.length === 5);
  expect(back.latest()).toMatchObject({ type: 'resumed' });
});

it('sends a snapshot for a cursor that is too old, or that no hub knows', async () => {
  await using hub = await startTestAlertHub(createMemoryBus());
  await openAlert(hub.bus, DB);
  await until('the alert', () => hub.board.open().length === 1);
  for (const cursor of ['1-1', '9999999999999-0']) {
    using client = await connect(hub, { cursor });
    expect(client.latest()).toMatchObject({ type: 'snapshot', alerts: [{ host: DB }] });
  }
});

it('waits for events that a client knows from a faster hub', async () => {
  const memory = createMemoryBus();
  const gate = Promise.withResolvers<void>();
  let isHeld = false;
  await using slow = await startTestAlertHub(memory, {
    wrap: (bus) => ({
      ...bus,
      async nextEvents(after, max) {
        const events = await bus.nextEvents(after, max);
        if (isHeld) await gate.promise;
        return events;
      },
    }),
  });
  await using fast = await startTestAlertHub(memory);
  await Promise.all([loaded(slow), loaded(fast)]);
  isHeld = true;
  await openAlert(fast.bus, DB);
  await until('the alert', () => fast.board.open().length === 1);
  using client = await openAlertClient(slow.url, { version: 2, query: { cursor: fast.board.cursor } });
  client.send({ type: 'ping' });
  await until('the pong', () => typesOf(client).includes('pong'));
  expect(typesOf(client)).toEqual(['pong']);
  gate.resolve();
  isHeld = false;
  await until('resumed', () => client.received.length === 2);
  expect(client.latest()).toMatchObject({ type: 'resumed', cursor: fast.board.cursor });
});

it('shows a credential with a read scope its hosts only, and takes back what it may not read any more', async () => {
  const memory = createMemoryBus();
  await using hub = await startTestAlertHub(memory, { scopes: { ...ALL_SCOPES, reads: 'role=db' } });
  await openAlert(hub.bus, DB);
  await until('the alert', () => hub.board.open().length === 1);
  using client = await connect(hub, { cursor: hub.board.cursor });
  expect(client.latest()).toMatchObject({ type: 'snapshot', alerts: [{ host: DB }] });
  await openAlert(hub.bus, WEB);
  await until('the other alert', () => hub.board.open().length === 2);
  const label = (host: typeof DB, role: string) =>
    hub.fleet.onRegistration(host, registrationSchema.parse({ labels: { role } }));
  label(WEB, 'db');
  await until('both', () => client.received.length === 2);
  expect(client.latest()).toMatchObject({ type: 'snapshot', alerts: [{ host: DB }, { host: WEB }] });
  label(DB, 'old');
  await until('the rest', () => client.received.length === 3);
  expect(client.latest()).toMatchObject({ type: 'snapshot', alerts: [{ host: WEB }] });
  await endAlert(hub.bus, DB);
  await endAlert(hub.bus, WEB);
  await until('the end', () => client.received.length === 4);
  expect(client.latest()).toMatchObject({ type: 'event', alerts: [{ host: WEB, status: 'resolved' }] });
});

it('tells a client to wait until the alerts are known, and of outages', async () => {
  let isDown = true;
  await using hub = await startTestAlertHub(createMemoryBus(), {
    wrap: (bus) => {
      const orFail = <T>(work: () => Promise<T>) =>
        isDown ? Promise.reject(new BusError('disconnected', 'unreachable')) : work();
      return {
        ...bus,
        readAlerts: () => orFail(() => bus.readAlerts()),
        nextEvents: (after, max) => orFail(() => bus.nextEvents(after, max)),
      };
    },
  });
  using client = await connect(hub);
  expect(client.latest()).toEqual({ type: 'waiting', reason: 'the test says so' });
  isDown = false;
  await until('the snapshot', () => client.received.length === 2);
  isDown = true;
  await until('the outage', () => client.received.length === 3);
  isDown = false;
  await until('the snapshot after it', () => client.received.length === 4);
  expect(typesOf(client)).toEqual(['waiting', 'snapshot', 'bus', 'snapshot']);
});

it('closes a client that does not offer version 2, for good', async () => {
  await using hub = await startTestAlertHub(createMemoryBus());
  using client = await openAlertClient(hub.url, { version: 1 });
  expect(await client.closed).toMatchObject({
    code: CLOSE_CODES.versionRequired,
    reason: expect.stringMatching(/booner\.v2/),
  });
});

it('answers invalid messages and queries with an error', async () => {
  await using hub = await startTestAlertHub(createMemoryBus());
  await loaded(hub);
  using client = await connect(hub, { cursor: 'yesterday' });
  await until('both answers', () => client.received.length === 2);
  client.send({ type: 'subscribe', hosts: [DB] });
  await until('the error', () => client.received.length === 3);
  expect(typesOf(client)).toEqual(['error', 'snapshot', 'error']);
});
