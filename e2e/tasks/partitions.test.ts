import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskServerMessage } from '@booner/protocol';
import {
  eventually,
  openStatusClient,
  openTaskClient,
  type RunnerProcess,
  type StreamClient,
  startHub,
  startTcpProxy,
} from '@booner/testkit';
import { describe, it } from 'vitest';
import { hubMetric } from '../clients/hub-gauges.ts';
import { throughout } from '../fleet/throughout.ts';
import { shell, waiting } from './actions.ts';
import { countPending, lateReportsOf, readAndDie } from './hub-reports.ts';
import { processesOfTask } from './process-table.ts';
import { untilNotReady, untilReady } from './readiness.ts';
import { HOST, send, startTaskBed } from './task-bed.ts';
import { taskPictureOf } from './task-picture.ts';

const OTHER_HOST = '10.0.0.3';
/**
 * A presence expires after 15 s. A hub looks every 2 s; once it has missed the presence for 11 s,
 * the runner is lost.
 */
const LOST_AFTER_MS = 11_000;
const LOST_WITHIN_MS = 60_000;
/**
 * A hub declares no runner lost in its first 30 s; after a runner died, its presence outlives half
 * of that.
 */
const HALF_OF_GRACE_MS = 15_000;
const LOOK_MS = 5000;
/** Including one look, less than the 10 s after which a hub does not trust its own observation. */
const STOPPED_MS = 5500;
/** Reports that a hub read 10 s ago are taken over by another one, which looks every 5 s. */
const TAKEN_OVER_WITHIN_MS = 50_000;
const NOTICE_MS = 15_000;
const LOST = { status: 'failed', error: 'agent lost', result: null };

const pictureOf = ({ received }: StreamClient<TaskServerMessage>) =>
  taskPictureOf(received.map(({ message }) => message));

const untilNoticed = (runner: RunnerProcess) =>
  eventually(() => runner.logs().some(({ msg }) => msg.startsWith('Redis is unavailable')), {
    what: 'the runner to notice that it is cut off',
  });
const endlessly = shell('echo running; while sleep 0.1; do :; done');

// All at once: most of the time they wait until a runner is lost.
describe.concurrent('when parts cannot reach each other', () => {
  it('three hubs end the task of a runner that is gone for good exactly once, as lost, and every client sees one end', async ({
    expect,
  }) => {
    await using bed = await startTaskBed({
      hubs: 3,
      actions: (directory) => ({ wait: waiting(directory) }),
    });
    using closing = new DisposableStack();
    const clients = await Promise.all(
      bed.hubs.map(async ({ url }) => closing.use(await openTaskClient(url, { version: 2 }))),
    );
    const id = await bed.create('wait');
    await bed.untilSaid(id, 'running');
    await throughout(HALF_OF_GRACE_MS, () => {});
    await bed.runner.kill('SIGKILL');
    await eventually(async () => (await bed.operator.exists(`booner:runner:${HOST}`)) === 0, {
      what: 'the presence to expire',
    });
    // Stopped just before and woken together, all of them find it lost at the same instant.
    await throughout(LOST_AFTER_MS - 1000, async () =>
      expect(await bed.read(id)).toMatchObject({ status: 'running' }),
    );
    for (const hub of bed.hubs) await hub.kill('SIGSTOP');
    await throughout(STOPPED_MS, () => {});
    expect(await bed.operator.hget(`booner:task:${id}`, 'status')).toBe('running');
    for (const hub of bed.hubs) await hub.kill('SIGCONT');
    expect(await bed.untilEnded(id)).toMatchObject({ ...LOST, attempt: 1 });
    await writeFile(join(bed.directory, 'go'), ''); // no runner is left to end its processes

    // Each hub has looked again by then, and found nothing to do.
    await throughout(LOOK_MS, () => {});
    expect((await bed.events(id)).map(({ kind }) => kind).filter((kind) => kind !== 'progress')).toEqual([
      'created',
      'started',
      'ended',
    ]);
    for (const client of clients) {
      const ends = client.received.filter(
        ({ message }) => message.type === 'event' && message.kind === 'ended',
      );
      expect(ends).toHaveLength(1);
      expect(pictureOf(client)).toMatchObject({ problems: [], snapshots: 1 });
      expect(pictureOf(client).tasks.get(id)).toMatchObject(LOST);
    }
  });

  it('late reports of a lost runner that reconnects change nothing and are recorded, and it ends what it still runs', async ({
    expect,
  }) => {
    await using bed = await startTaskBed({
      actions: (directory) => ({ wait: waiting(directory), endless: endlessly }),
    });
    const late = await bed.create('wait');
    const endless = await bed.create('endless');
    for (const id of [late, endless]) await bed.untilSaid(id, 'running');
    bed.proxy.pause();
    await writeFile(join(bed.directory, 'go'), '');
    await eventually(async () => (await processesOfTask(late)).length === 0, {
      what: 'a task to end out of sight',
    });
    const ended = await Promise.all([late, endless].map((id) => bed.untilEnded(id, LOST_WITHIN_MS)));
    for (const task of ended) expect(task).toMatchObject(LOST);
    expect((await processesOfTask(endless)).length).toBeGreaterThan(0);
    expect(await lateReportsOf(bed.operator, late)).toEqual([]);

    bed.proxy.resume();
    const [report] = await eventually(
      async () => {
        const found = (await lateReportsOf(bed.operator, late)).filter(({ type }) => type === 'end');
        return found.length > 0 ? found : null;
      },
      { what: 'the late end to be recorded' },
    );
    expect(report).toMatchObject({ task: late, host: HOST, reason: 'the task has ended: failed' });
    expect(JSON.parse(report!.report!)).toMatchObject({ outcome: { status: 'completed' } });
    await eventually(async () => (await processesOfTask(endless)).length === 0, {
      what: 'leftover processes of an ended task to be ended',
    });
    const next = await bed.create('wait');
    expect(await bed.untilEnded(next)).toMatchObject({ status: 'completed' });
    expect(await Promise.all([late, endless].map((id) => bed.read(id)))).toEqual(ended);
  });

  it('a report that a killed hub had read is applied by another one, once, whether or not its runner can repeat it', async ({
    expect,
  }) => {
    await using bed = await startTaskBed({
      hubs: 2,
      actions: (directory) => ({ first: waiting(directory) }),
    });
    const otherRunner = await bed.addRunner({ hostId: OTHER_HOST });
    await bed.untilOffered(['first'], OTHER_HOST);
    const spoken = await bed.create('first', {}, OTHER_HOST);
    const silent = await bed.create('first');
    for (const id of [spoken, silent])
      await bed.until(id, 'its output to be reported', ({ logLines }) => logLines === 1);
    for (const hub of bed.hubs) await hub.kill('SIGSTOP');
    await writeFile(join(bed.directory, 'go'), '');
    for (const host of [HOST, OTHER_HOST]) {
      await eventually(
        async () => (await readAndDie(bed.operator, host)).some(({ type }) => type === 'end'),
        { what: 'a third hub to have read the end' },
      );
    }
    await bed.runner.kill('SIGKILL');
    for (const hub of bed.hubs) await hub.kill('SIGKILL');
    await bed.hub.restart();

    expect(await bed.untilEnded(spoken)).toMatchObject({ status: 'completed', attempt: 1 });
    expect(await bed.untilEnded(silent, TAKEN_OVER_WITHIN_MS)).toMatchObject({
      status: 'completed',
      attempt: 1,
    });
    for (const host of [HOST, OTHER_HOST]) {
      await eventually(async () => (await countPending(bed.operator, host)) === 0, {
        deadlineMs: TAKEN_OVER_WITHIN_MS,
        what: 'nothing to be left in the name of the dead',
      });
    }
    for (const id of [spoken, silent]) {
      const kinds = (await bed.events(id)).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'ended')).toHaveLength(1);
      expect(await lateReportsOf(bed.operator, id)).toEqual([]);
    }
    expect(await hubMetric(bed.hub, 'booner_hub_reports_total{outcome="repeated"}')).toBeGreaterThan(0);
    const starts = (await readFile(join(bed.directory, 'starts'), 'utf8')).trim().split('\n');
    expect(starts.toSorted()).toEqual([spoken, silent].toSorted());
    expect(otherRunner.hasExited()).toBe(false);
  });

  it('a black hole before a hub is reported within 15 s, its clients stay and get what they missed, and tasks continue through another hub', async ({
    expect,
  }) => {
    await using bed = await startTaskBed({ actions: (directory) => ({ wait: waiting(directory) }) });
    await using proxy = await startTcpProxy({ targetPort: bed.redis.port });
    await using hub = await startHub({ redisUrl: `redis://127.0.0.1:${proxy.port}` });
    await untilReady(hub);
    using client = await openTaskClient(hub.url, { version: 2 });
    using map = await openTaskClient(hub.url, { version: 1 });
    using status = await openStatusClient(hub.url, { version: 1 });
    const id = await bed.create('wait');
    await eventually(() => map.latest()?.[id]?.status === 'running', {
      what: 'the task to run',
    });

    proxy.pause();
    expect(await untilNotReady(hub)).toMatch(/Redis/);
    expect(await send(hub, 'POST', '/tasks', { body: { host: HOST, action: 'wait' } })).toMatchObject({
      status: 503,
      body: { status: 503, title: expect.any(String), detail: expect.any(String) },
    });
    const seen = pictureOf(client).cursors;
    const statuses = status.received.length;
    await writeFile(join(bed.directory, 'go'), '');
    const next = await bed.create('wait');
    for (const each of [id, next]) expect(await bed.untilEnded(each)).toMatchObject({ status: 'completed' });
    await eventually(() => status.received.length >= statuses + 2, {
      what: 'the status of the main server to go on',
    });
    expect(map.latest()).toEqual({ [id]: { status: 'running' } });
    expect(pictureOf(client).cursors).toEqual(seen);
    expect([client, map, status].every((each) => each.isOpen())).toBe(true);

    proxy.resume();
    await untilReady(hub);
    await eventually(() => [id, next].every((each) => map.latest()?.[each]?.status === 'completed'), {
      what: 'the map to be true again',
    });
    const events = (await bed.operator.xrange('booner:events', '-', '+')).map(([cursor]) => cursor);
    await eventually(() => pictureOf(client).cursors.length >= events.length, {
      what: 'what was missed',
    });
    expect(pictureOf(client)).toMatchObject({ cursors: events, snapshots: 1, problems: [] });
    expect([client, map, status].every((each) => each.isOpen())).toBe(true);
  });

  it('a black hole before a runner is noticed within 15 s, its task continues, and is reported after it reconnects', async ({
    expect,
  }) => {
    await using bed = await startTaskBed({ actions: (directory) => ({ wait: waiting(directory) }) });
    const id = await bed.create('wait');
    await bed.untilSaid(id, 'running');
    bed.proxy.pause();
    await untilNoticed(bed.runner);
    expect(await processesOfTask(id)).not.toEqual([]);
    await writeFile(join(bed.directory, 'go'), '');
    await eventually(async () => (await processesOfTask(id)).length === 0, {
      what: 'the task to end while its runner is cut off',
    });
    expect(await bed.read(id)).toMatchObject({ status: 'running' });
    bed.proxy.resume();
    expect(await bed.untilEnded(id, NOTICE_MS)).toMatchObject({ status: 'completed', attempt: 1 });
    expect((await bed.log(id)).map(({ text }) => text)).toEqual(['running', 'done']);
    expect((await bed.events(id)).filter(({ kind }) => kind === 'started')).toHaveLength(1);
  });
});
