import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cursor, LogLine, Task, TaskMap, TaskServerMessage } from '@booner/protocol';
import { eventually, type HubProcess, openTaskClient, type StreamClient } from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shell, waiting } from './actions.ts';
import { startObserver } from './observer.ts';
import { HOST, send, startTaskBed, type TaskBed } from './task-bed.ts';
import { taskPictureOf } from './task-picture.ts';

const OTHER_HOST = '10.0.0.3';
const BURST = 400;
const CHANGES_AT_A_TIME = 10;
const MAX_MAPS_A_SECOND = 20;

let bed: TaskBed;
beforeAll(async () => {
  bed = await startTaskBed({
    hubs: 2,
    actions: (directory) => ({
      talk: shell(
        'for i in $(seq 1 600); do echo "line $i"; done; while [ ! -e "$1/on" ]; do sleep 0.05; done; for i in $(seq 601 900); do echo "line $i" >&2; done',
        directory,
      ),
      wait: waiting(directory),
    }),
  });
});
afterAll(() => bed[Symbol.asyncDispose]());

const release = (name: string) => writeFile(join(bed.directory, name), '');
const otherHub = () => bed.hubs[1] as HubProcess;
const messagesOf = ({ received }: StreamClient<TaskServerMessage>) => received.map(({ message }) => message);
const pictureOf = (client: StreamClient<TaskServerMessage>) => taskPictureOf(messagesOf(client));

/** Creates a task that this test drives itself. */
async function createExternal(host: string = HOST): Promise<string> {
  const body = { external: true, host, action: 'backup', status: 'running' };
  const answer = await send(bed.hub, 'POST', '/tasks', { body });
  expect(answer.status).toBe(202);
  return String(answer.body.task_id);
}

const change = (id: string, body: object, hub: HubProcess = bed.hub) =>
  send(hub, 'PATCH', `/tasks/${id}`, { body });

/** The cursors of the events after a position, as the stream has them. */
const cursorsAfter = async (cursor: string): Promise<readonly string[]> =>
  (await bed.operator.xrange('booner:events', `(${cursor}`, '+')).map(([id]) => id);

const untilFirst = (client: StreamClient<TaskServerMessage>) =>
  eventually(() => client.received[0]?.message, { what: 'the first message' });

describe('a client of version 2 that was disconnected', () => {
  it('for ten changes gets exactly those from another hub', async () => {
    const id = await createExternal();
    let cursor: Cursor;
    {
      using client = await openTaskClient(bed.hub.url, { version: 2 });
      await eventually(() => pictureOf(client).tasks.has(id), { what: 'the task' });
      await change(id, { progress: 0 });
      cursor = await eventually(() => pictureOf(client).cursors.at(-1) as Cursor, {
        what: 'an event',
      });
    }
    for (let percent = 1; percent <= 9; percent += 1) await change(id, { progress: percent });
    await change(id, { status: 'completed', result: { files: 9 } });
    const missed = await cursorsAfter(cursor);
    expect(missed).toHaveLength(10);

    using back = await openTaskClient(otherHub().url, { version: 2, query: { cursor } });
    await eventually(() => back.received.length >= 11, { what: 'what was missed' });
    expect(back.received[0]!.message).toEqual({ type: 'resumed', cursor, bus: 'connected' });
    expect(pictureOf(back)).toMatchObject({ snapshots: 0, resumptions: 1, cursors: missed });
    const events = messagesOf(back).slice(1) as Extract<TaskServerMessage, { type: 'event' }>[];
    expect(events.map(({ task }) => task.progressPercent).slice(0, 9)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(events.at(-1)).toMatchObject({
      kind: 'ended',
      task: { status: 'completed', result: { files: 9 } },
    });

    const next = await createExternal();
    await eventually(() => pictureOf(back).tasks.get(next)?.status === 'running', {
      what: 'the stream to go on',
    });
    expect(pictureOf(back).cursors).toEqual(await cursorsAfter(cursor));
  });

  it('for longer than events are kept, or with an invalid cursor, gets a snapshot that is marked as one', async () => {
    const id = await createExternal();
    const [[old]] = (await bed.operator.xrange('booner:events', '-', '+', 'COUNT', '1')) as unknown as [
      [string],
    ];
    await change(id, { progress: 50 });
    await bed.operator.xtrim('booner:events', 'MAXLEN', 3);
    for (const cursor of [old, '1-1', '9999999999999-0']) {
      using client = await openTaskClient(otherHub().url, { version: 2, query: { cursor } });
      expect(await untilFirst(client)).toMatchObject({ type: 'snapshot', cursor: expect.any(String) });
      expect(pictureOf(client).tasks.get(id)).toMatchObject({ status: 'running', progressPercent: 50 });
    }
    using client = await openTaskClient(bed.hub.url, { version: 2, query: { cursor: 'yesterday' } });
    await eventually(() => client.received.length >= 2, { what: 'two answers' });
    expect(
      messagesOf(client)
        .map(({ type }) => type)
        .toSorted(),
    ).toEqual(['error', 'snapshot']);
  });
});

describe('a client of version 2 that subscribes to some hosts', () => {
  it('sees only their tasks, in the snapshot, in events and when it resumes, and may subscribe to others', async () => {
    const [here, there] = [await createExternal(HOST), await createExternal(OTHER_HOST)];
    using client = await openTaskClient(bed.hub.url, { version: 2, query: { hosts: OTHER_HOST } });
    await untilFirst(client);
    expect([...pictureOf(client).tasks.keys()]).toContain(there);
    expect(hostsIn(client)).toEqual(new Set([OTHER_HOST]));
    const { cursor } = client.received[0]!.message as { cursor: Cursor };
    await change(here, { progress: 10 }, otherHub());
    await change(there, { progress: 20 }, otherHub());
    await eventually(() => pictureOf(client).tasks.get(there)?.progressPercent === 20, {
      what: 'the change of its host',
    });
    expect(hostsIn(client)).toEqual(new Set([OTHER_HOST]));

    using resumed = await openTaskClient(otherHub().url, {
      version: 2,
      query: { hosts: OTHER_HOST, cursor },
    });
    await eventually(() => resumed.received.length >= 2, { what: 'what was missed' });
    expect(messagesOf(resumed)).toMatchObject([
      { type: 'resumed' },
      { type: 'event', task: { id: there, progressPercent: 20 } },
    ]);
    client.send({ type: 'subscribe', hosts: [HOST] });
    await eventually(() => pictureOf(client).snapshots === 2, {
      what: 'another snapshot',
    });
    expect([...pictureOf(client).tasks.values()].map(({ host }) => host)).not.toContain(OTHER_HOST);
    expect(pictureOf(client).tasks.get(here)).toMatchObject({ progressPercent: 10 });
    client.send({ type: 'subscribe', hosts: ['a b'] });
    await eventually(() => client.latest()?.type === 'error', { what: 'an error' });
    expect(client.isOpen()).toBe(true);
  });
});

describe('a client of version 2 that follows a task', () => {
  it('gets the tail of its log, then new lines, in order to its end, from any hub', async () => {
    const id = await bed.create('talk');
    await bed.untilSaid(id, 'line 600');
    using tail = await openTaskClient(bed.hub.url, { version: 2 });
    using whole = await openTaskClient(otherHub().url, { version: 2 });
    using left = await openTaskClient(otherHub().url, { version: 2 });
    tail.send({ type: 'follow', taskId: id });
    whole.send({ type: 'follow', taskId: id, afterLine: 0 });
    left.send({ type: 'follow', taskId: id, afterLine: 599 });
    await eventually(() => [tail, whole, left].every((client) => linesOf(client).at(-1)?.line === 600), {
      what: 'all to have the log so far',
    });
    expect(linesOf(tail)[0]).toEqual({ line: 101, stream: 'stdout', text: 'line 101' });
    left.send({ type: 'unfollow', taskId: id });
    left.send({ type: 'follow', taskId: 'V1StGXR8_Z5jdHi6B-myT' });
    await eventually(() => left.latest()?.type === 'error', { what: 'the error' });

    await release('on');
    const isEnd = (message: TaskServerMessage | undefined) => message?.type === 'log' && message.end;
    await eventually(() => [tail, whole].every((client) => messagesOf(client).some(isEnd)), {
      what: 'the end of the log',
    });
    for (const [client, first] of [
      [tail, 101],
      [whole, 1],
    ] as const) {
      const numbers = Array.from({ length: 901 - first }, (_, index) => first + index);
      expect(linesOf(client).map(({ line }) => line)).toEqual(numbers);
      expect(linesOf(client).every(({ line, text }) => text === `line ${line}`)).toBe(true);
      expect(linesOf(client).at(-1)).toMatchObject({ stream: 'stderr' });
    }
    expect(linesOf(left).map(({ line }) => line)).toEqual([600]);
  });
});

describe('clients of version 1', () => {
  it(`get of a burst at most ${MAX_MAPS_A_SECOND} maps a second, the last of which is final`, async () => {
    using client = await openTaskClient(otherHub().url, { version: 1 });
    await eventually(() => client.latest(), { what: 'the first map' });
    const id = await createExternal();
    const shown = () => (client.latest() as TaskMap)[id];
    await eventually(shown, { what: 'the task' });
    await using observer = await startObserver(otherHub(), 1);
    const before = observer.observations().length;
    const startMs = performance.now();
    for (let index = 0; index < BURST; index += CHANGES_AT_A_TIME) {
      const hubs = Array.from({ length: CHANGES_AT_A_TIME }, (_, offset) => bed.hubs[offset % 2]);
      await Promise.all(hubs.map((hub, offset) => change(id, { result: { index: index + offset } }, hub)));
    }
    const final = { status: 'failed', error: 'the disk is full', result: { index: 'last' } };
    await change(id, final);
    await eventually(() => shown()?.status === 'failed', { what: 'the end' });
    expect(shown()).toEqual(final);
    const { tasks } = (await send(bed.hub, 'GET', '/tasks')).body as { tasks: TaskMap };
    expect(client.latest()).toEqual(tasks);
    const seconds = (performance.now() - startMs) / 1000;
    const maps = observer.observations().slice(before);
    expect(maps.length).toBeGreaterThan(1);
    expect(maps.length).toBeLessThanOrEqual(2 + MAX_MAPS_A_SECOND * seconds);
  });
});

describe('a task that another program drives', () => {
  it("follows the program's reports, within the allowed transitions, for every client, and never changes after its end", async () => {
    using client = await openTaskClient(otherHub().url, { version: 2 });
    await untilFirst(client);
    const answer = await send(bed.hub, 'POST', '/tasks', {
      body: { external: true, host: HOST, action: 'nightly-backup' },
    });
    const id = String(answer.body.task_id);
    expect(await change(id, { status: 'completed' })).toMatchObject({ status: 409, body: { status: 409 } });
    expect(
      await change(id, { status: 'running', progress: 40, message: 'Copying' }, otherHub()),
    ).toMatchObject({
      status: 200,
      body: { id, status: 'running', progressPercent: 40, message: 'Copying', external: true },
    });
    expect(await change(id, { progress: 101 })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/progress' }] },
    });
    expect(await bed.cancel(id)).toMatchObject({ status: 202 });
    expect(await change(id, { status: 'completed', result: { files: 812 } })).toMatchObject({ status: 200 });
    expect(await change(id, { status: 'failed' })).toMatchObject({ status: 409 });
    expect((await bed.cancel(id)).status).toBe(409);
    await eventually(() => pictureOf(client).tasks.get(id)?.status === 'completed', {
      what: 'the end',
    });
    const kinds = messagesOf(client).flatMap((message) =>
      message.type === 'event' && message.task.id === id ? [message.kind] : [],
    );
    expect(kinds).toEqual(['created', 'started', 'cancelling', 'ended']);
    const expected: Partial<Task> = {
      status: 'completed',
      result: { files: 812 },
      progressPercent: 100,
      message: null,
    };
    expect(pictureOf(client).tasks.get(id)).toMatchObject(expected);
    expect(await bed.read(id, otherHub())).toMatchObject(expected);

    const own = await bed.create('wait');
    expect(await change(own, { status: 'completed' })).toMatchObject({
      status: 409,
      body: { title: 'Not an external task' },
    });
    await release('go');
    expect(await bed.untilEnded(own)).toMatchObject({ status: 'completed', external: false });
  });
});

const linesOf = (client: StreamClient<TaskServerMessage>): readonly LogLine[] =>
  messagesOf(client).flatMap((message) => (message.type === 'log' ? message.lines : []));

/** The hosts of all tasks that a client was shown. */
const hostsIn = (client: StreamClient<TaskServerMessage>) =>
  new Set(
    messagesOf(client).flatMap((message): string[] => {
      if (message.type === 'snapshot') return message.tasks.map(({ host }) => host);
      return message.type === 'event' ? [message.task.host] : [];
    }),
  );
