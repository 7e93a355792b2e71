import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { hasEnded, type TaskServerMessage } from '@booner/protocol';
import { eventually, type HubProcess, openTaskClient, type StreamClient } from '@booner/testkit';
import { describe, it } from 'vitest';
import { connectOperator } from '../fleet/operator.ts';
import { shell, waiting } from './actions.ts';
import { lateReportsOf } from './hub-reports.ts';
import { processesOfTask } from './process-table.ts';
import { untilNotReady, untilReady } from './readiness.ts';
import { HOST, send, startTaskBed } from './task-bed.ts';
import { taskPictureOf } from './task-picture.ts';

const BATCH = 25;
/** Limit of what a hub requests from a host at a time. */
const CREATED_EVERY_MS = 20;
/** One line for each of three connections and each kind of failing work, not one per second. */
const MAX_COMPLAINTS = 12;
const WARNING = 40;

const pictureOf = ({ received }: StreamClient<TaskServerMessage>) =>
  taskPictureOf(received.map(({ message }) => message));

/** Creates tasks one after the other at a hub, whatever it answers, until stopped. */
function keepCreating(hub: HubProcess, action: string) {
  const acknowledged: string[] = [];
  const refusals = new Set<number>();
  const stop = new AbortController();
  const run = async () => {
    while (!stop.signal.aborted) {
      const { status, body } = await send(hub, 'POST', '/tasks', { body: { host: HOST, action } });
      if (status === 202) acknowledged.push(String(body.task_id));
      else refusals.add(status);
      await wait(CREATED_EVERY_MS);
    }
  };
  const running = run();
  return {
    acknowledged,
    refusals,
    end: async () => {
      stop.abort();
      await running;
    },
  };
}

describe.concurrent('when Redis stops and restarts', () => {
  it('after SIGKILL with its data, every acknowledged task is there and ran once, and every client saw every change once', async ({
    expect,
  }) => {
    await using bed = await startTaskBed({
      hubs: 2,
      redis: { appendonly: true }, // appendfsync everysec
      actions: (directory) => ({
        note: { ...shell('echo "$BOONER_TASK_ID" >> "$1/starts"; sleep 0.05', directory), concurrency: 4 },
      }),
    });
    const pids = bed.hubs.map(({ pid }) => pid);
    using closing = new DisposableStack();
    const maps = await Promise.all(
      bed.hubs.map(async ({ url }) => closing.use(await openTaskClient(url, { version: 1 }))),
    );
    const clients = await Promise.all(
      bed.hubs.map(async ({ url }) => closing.use(await openTaskClient(url, { version: 2 }))),
    );
    const loads = bed.hubs.map((hub) => keepCreating(hub, 'note'));
    const untilMore = (what: string) => {
      const before = loads.map(({ acknowledged }) => acknowledged.length);
      return eventually(
        () => loads.every(({ acknowledged }, at) => acknowledged.length >= before[at]! + BATCH),
        { what },
      );
    };
    await untilMore('tasks to be made');
    await bed.redis.kill('SIGKILL');
    await eventually(() => loads.every(({ refusals }) => refusals.has(503)), {
      what: 'both hubs to refuse tasks',
    });
    await bed.redis.restart();
    await untilMore('tasks to be made again');
    for (const load of loads) await load.end();

    using connection = connectOperator(bed.redis.url);
    const operator = connection.redis;
    await eventually(async () => (await operator.zcard('booner:tasks:open')) === 0, {
      what: 'all tasks to end',
    });
    const kept = await operator.zrange('booner:tasks', '0', '-1');
    const acknowledged = loads.flatMap((load) => load.acknowledged);
    expect(kept).toEqual(expect.arrayContaining(acknowledged));
    const starts = (await readFile(join(bed.directory, 'starts'), 'utf8')).trim().split('\n');
    expect(starts.toSorted()).toEqual(kept.toSorted());
    const statuses = await Promise.all(kept.map((id) => operator.hget(`booner:task:${id}`, 'status')));
    expect(new Set(statuses)).toEqual(new Set(['completed']));

    const last = (await operator.xrevrange('booner:events', '+', '-', 'COUNT', 1))[0]![0];
    await eventually(() => clients.every((client) => pictureOf(client).cursors.at(-1) === last), {
      what: 'every client to have the last event',
    });
    const events = (await operator.xrange('booner:events', '-', '+')).map(([id]) => id);
    for (const client of clients) {
      const { snapshots, problems, cursors, tasks } = pictureOf(client);
      expect({ snapshots, problems, cursors }).toEqual({ snapshots: 1, problems: [], cursors: events });
      expect([...tasks.values()].filter(({ status }) => status !== 'completed')).toEqual([]);
      expect(client.isOpen()).toBe(true);
    }
    const { body } = await send(bed.hub, 'GET', '/tasks');
    await eventually(() => maps.every((map) => map.isOpen() && hasAll(map.latest(), body.tasks as object)), {
      what: 'both maps to be what GET /tasks says',
    });
    expect(bed.hubs.map(({ pid }) => pid)).toEqual(pids);
  });

  it('empty, groups are recreated, running tasks are stopped and recorded, clients are notified, and new tasks run', async ({
    expect,
  }) => {
    await using bed = await startTaskBed({
      hubs: 2,
      actions: (directory) => ({
        endless: shell('echo running; while sleep 0.1; do :; done'),
        wait: waiting(directory),
      }),
    });
    const daemons = [...bed.hubs, bed.runner];
    const pids = daemons.map(({ pid }) => pid);
    using client = await openTaskClient(bed.hub.url, { version: 2 });
    using map = await openTaskClient(bed.hubs[1]!.url, { version: 1 });
    const endless = await bed.create('endless');
    const ending = await bed.create('wait');
    for (const id of [endless, ending]) await bed.untilSaid(id, 'running');

    await bed.redis.stop();
    await Promise.all(bed.hubs.map(untilNotReady));
    await writeFile(join(bed.directory, 'go'), '');
    await eventually(async () => (await processesOfTask(ending)).length === 0, {
      what: 'a task to end while Redis is down',
    });
    expect((await processesOfTask(endless)).length).toBeGreaterThan(0);
    const shown = (await send(bed.hub, 'GET', '/tasks')).body.tasks as object;
    expect(shown).toEqual({ [endless]: { status: 'running' }, [ending]: { status: 'running' } });

    await bed.redis.restart();
    await Promise.all(bed.hubs.map(untilReady));
    using connection = connectOperator(bed.redis.url);
    const operator = connection.redis;
    await bed.untilOffered(['endless', 'wait']);
    await eventually(async () => (await processesOfTask(endless)).length === 0, {
      what: 'the forgotten task to be ended on its target',
    });
    await eventually(async () => (await lateReportsOf(operator, ending)).some(({ type }) => type === 'end'), {
      what: 'the late end to be recorded, too',
    });
    expect(await lateReportsOf(operator, endless)).toContainEqual(
      expect.objectContaining({ type: 'progress', reason: 'unknown task' }),
    );
    expect((await send(bed.hub, 'GET', `/tasks/${endless}`)).status).toBe(404);
    await eventually(
      () => pictureOf(client).snapshots === 2 && Object.keys(map.latest() ?? {}).length === 0,
      {
        what: 'clients of both versions to be notified that no task is left',
      },
    );
    expect(pictureOf(client)).toMatchObject({ problems: [], tasks: new Map() });

    const next = await bed.create('wait');
    expect(await bed.untilEnded(next)).toMatchObject({ status: 'completed', attempt: 1 });
    await eventually(() => hasEnded(map.latest()?.[next]?.status ?? 'queued'), {
      what: 'the client of the other hub to see it',
    });
    expect(pictureOf(client).tasks.get(next)).toMatchObject({ status: 'completed' });
    const groups = [`booner:queue:${HOST}`, `booner:control:${HOST}`];
    for (const stream of groups) expect(await operator.xinfo('GROUPS', stream)).toHaveLength(1);
    expect(daemons.map(({ pid }) => pid)).toEqual(pids);
    for (const daemon of daemons) {
      expect(daemon.hasExited()).toBe(false);
      expect(daemon.logs().filter(({ level }) => level >= WARNING).length).toBeLessThan(MAX_COMPLAINTS);
    }
  });
});

/** Returns true if one map of version 1 contains all entries of the other. */
const hasAll = (map: object | undefined, other: object): boolean =>
  map !== undefined && JSON.stringify(map) === JSON.stringify(other);
