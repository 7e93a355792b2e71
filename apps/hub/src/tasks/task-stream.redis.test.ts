import { startRedisTasks } from '@booner/bus/redis/tasks';
import { newInstanceId, type TaskServerMessage } from '@booner/protocol';
import { eventually, openTaskClient, type RedisServer, type StreamClient, startRedis } from '@booner/testkit';
import { expect, it } from 'vitest';
import { createExternal, startTestTaskHub } from '../testing/test-task-hub.ts';

const until = (what: string, condition: () => unknown) => eventually(condition, { what });

const hubsOn = (server: RedisServer) => ({
  startTasks: () => startRedisTasks({ redis: { url: server.url }, hub: newInstanceId() }),
});
const typesOf = (client: StreamClient<TaskServerMessage>) =>
  client.received.flatMap(({ message }) => (message.type === 'bus' ? [] : message.type));
const busOf = (client: StreamClient<TaskServerMessage>) =>
  client.received.flatMap(({ message }) => (message.type === 'bus' ? message.bus : []));
const versionsOf = (client: StreamClient<TaskServerMessage>) =>
  client.received.flatMap(({ message }) => (message.type === 'event' ? [message.task.version] : []));

it('keeps clients during a crash of Redis and continues without a gap', async () => {
  await using server = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  await using hub = await startTestTaskHub(hubsOn(server));
  await using other = await startTestTaskHub(hubsOn(server));
  await until('both boards', () => hub.board.isLoaded && other.board.isLoaded);
  using client = await openTaskClient(hub.url, { version: 2 });
  using map = await openTaskClient(hub.url, { version: 1 });
  const id = await createExternal(hub.bus);
  await hub.bus.change(id, { status: 'running' });
  await until('two events', () => versionsOf(client).length === 2);
  const { cursor } = hub.board;
  await server.kill('SIGKILL');
  await until('the outage to be noticed', () => hub.bus.connection().state === 'disconnected');
  await server.restart();
  await until('the bus', () => [hub, other].every(({ bus }) => bus.connection().state === 'connected'));
  await other.bus.change(id, { progressPercent: 50 });
  await other.bus.change(id, { status: 'completed' });
  await until('the end', () => versionsOf(client).at(-1) === 4);
  expect(typesOf(client)).toEqual(['snapshot', 'event', 'event', 'event', 'event']);
  expect(versionsOf(client)).toEqual([1, 2, 3, 4]);
  await until('the word that the bus is back', () => busOf(client).length === 2);
  expect(busOf(client)).toEqual(['disconnected', 'connected']);
  await until('the end in the map', () => map.latest()?.[id]?.status === 'completed');
  using back = await openTaskClient(other.url, { version: 2, query: { cursor } });
  await until('what was missed', () => versionsOf(back).length === 2);
  expect(typesOf(back)).toEqual(['resumed', 'event', 'event']);
});

it('starts every client over after Redis restarted empty', async () => {
  await using server = await startRedis();
  await using hub = await startTestTaskHub(hubsOn(server));
  await until('the board', () => hub.board.isLoaded);
  using client = await openTaskClient(hub.url, { version: 2 });
  using map = await openTaskClient(hub.url, { version: 1 });
  const lost = await createExternal(hub.bus);
  await until('it', () => versionsOf(client).length === 1 && map.latest()?.[lost]);
  const { cursor } = hub.board;
  await server.kill('SIGKILL');
  await server.restart();
  await until('a snapshot', () => typesOf(client).length === 3);
  expect(client.received.findLast(({ message }) => message.type === 'snapshot')?.message).toMatchObject({
    bus: 'connected',
    tasks: [],
  });
  await until('an empty map', () => Object.keys(map.latest() ?? { a: 1 }).length === 0);
  const id = await createExternal(hub.bus);
  await until('an event', () => versionsOf(client).length === 2);
  expect(map.isOpen() && client.isOpen()).toBe(true);
  using back = await openTaskClient(hub.url, { version: 2, query: { cursor } });
  await until('an answer', () => back.received.length === 1);
  expect(back.latest()).toMatchObject({ type: 'snapshot', tasks: [{ id }] });
});
