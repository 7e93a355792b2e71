import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  statusServerMessageSchema,
  systemStatusSchema,
  taskMapSchema,
  taskServerMessageSchema,
} from '@booner/protocol';
import { eventually, openTaskClient, startHub, startRedis, startRunner } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { shell } from '../tasks/actions.ts';
import { send } from '../tasks/task-bed.ts';
import { connectOperator } from './operator.ts';
import { fieldsOf, writeStore } from './recorded/read-store.ts';
import type { Fields, Recording, StoredKey } from './recorded/recording.ts';

/** Recorded by the previous minor version. */
const recording: Recording = JSON.parse(
  readFileSync(new URL('./recorded/0.1.0.json', import.meta.url), 'utf8'),
);
const { host, agent, runner, stored } = recording;
const deadlineMs = 60_000;
const QUEUE = `booner:queue:${host}`;
const CONTROL = `booner:control:${host}`;

type Change = { readonly json: <T>(value: T) => T; readonly fields: (fields: Fields) => Fields };
const asRecorded: Change = { json: (value) => value, fields: (fields) => fields };
/**
 * The content of these belongs to the action, or is a map from names to texts: a protocol version
 * adds no fields there.
 */
const NO_PLACE = new Set(['params', 'result', 'unavailable']);
/** Adds fields on every level, as a later version may. */
const withMore: Change = {
  json: <T>(value: T): T => addTo(value) as T,
  fields: (fields) => ({ ...fields, addedLater: 'x' }),
};
function addTo(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(addTo);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).map(([key, each]) => [key, NO_PLACE.has(key) ? each : addTo(each)]);
  return { ...Object.fromEntries(kept), addedLater: { share: -7 } };
}

async function startHubBed() {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  const { redis: operator } = stack.use(connectOperator(redis.url));
  const entries = async (key: string) =>
    (await operator.xrange(key, '-', '+')).map(([, flat]) => fieldsOf(flat));
  const owned = stack.move();
  return {
    redis,
    operator,
    /** Resolves when the hub has subscribed to the bus. */
    startHub: async () => {
      const hub = owned.use(await startHub({ redisUrl: redis.url }));
      await eventually(async () => (await hub.get('/readyz')).ok, {
        deadlineMs,
        what: 'a hub that is ready',
      });
      return hub;
    },
    own: owned,
    /** The last entry of a stream that contains these fields. */
    entry: (key: string, fields: Fields): Promise<Fields> =>
      eventually(
        async () =>
          (await entries(key)).findLast((each) =>
            Object.entries(fields).every(([name, text]) => each[name] === text),
          ),
        { deadlineMs, what: `${JSON.stringify(fields)} in ${key}` },
      ),
    reports: async () =>
      (await entries(`booner:reports:${host}`)).map(
        ({ report = '' }) => JSON.parse(report) as Record<string, unknown>,
      ),
    add: (key: string, fields: Fields) => operator.xadd(key, '*', ...Object.entries(fields).flat()),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const reportOf = (type: string, status?: string) => {
  const found = runner.reports.find(
    (report) =>
      report.type === type &&
      (status === undefined || (report.outcome as { status: string }).status === status),
  );
  if (found === undefined) throw new Error(`no ${type} ${status} was recorded`);
  return found;
};
const controlOf = (type: string): Fields =>
  recording.hub.control.find((fields) => fields.type === type) ?? {};

describe.each([
  [`version ${recording.version}`, asRecorded],
  ['a version that says more', withMore],
])('with %s', (_, change) => {
  it.concurrent('the hub shows the report of an agent', async () => {
    await using bed = await startHubBed();
    const { operator } = bed;
    const hub = await bed.startHub();
    const sample = JSON.stringify(change.json(agent.sample));
    const inventory = JSON.stringify(change.json(agent.inventory));
    await operator.hset(`booner:target:${host}`, { inventory, version: agent.version, sample });
    await operator.publish(`booner:metrics:${host}`, sample);
    const target = await eventually(
      async () => {
        const { status, body } = await send(hub, 'GET', `/targets/${host}`);
        return status === 200 && body.inventory !== null ? body : null;
      },
      { deadlineMs, what: 'the target' },
    );
    expect(target).toMatchObject({
      status: 'active',
      inventory: agent.inventory,
      label: agent.inventory.label,
    });
    const { cpu, memory, fileSystems } = agent.sample;
    expect(target.sample).toMatchObject({ cpu, memory, fileSystems });
    await operator.publish(`booner:metrics:${host}`, JSON.stringify(change.json(agent.bye)));
    await eventually(async () => (await send(hub, 'GET', `/targets/${host}`)).body.status === 'offline', {
      deadlineMs: 5000, // sooner than by silence
      what: 'the farewell',
    });
  });

  it.concurrent('the hub makes a runner run and cancel tasks', async () => {
    await using bed = await startHubBed();
    const { operator } = bed;
    const hub = await bed.startHub();
    const { presence } = runner;
    const report = (message: object, about: object = {}) =>
      bed.add('booner:reports', { report: JSON.stringify(change.json({ ...message, ...about })) });
    const appear = () =>
      operator.set(`booner:runner:${host}`, JSON.stringify(change.json(presence)), 'PX', 15_000);
    await appear();
    await report(reportOf('hello'));
    await eventually(() => operator.exists(QUEUE, CONTROL).then((count) => count === 2), {
      deadlineMs,
      what: 'the streams of the host',
    });
    const { body } = await send(hub, 'GET', `/targets/${host}/actions`);
    expect(body).toMatchObject({ online: true, actions: presence.actions });

    /** Repeats the recorded runner's reports, with the ids that are new each time. */
    const start = async (action: string, params: object) => {
      const made = await send(hub, 'POST', '/tasks', { body: { host, action, params } });
      expect(made).toMatchObject({ status: 202 });
      const task = String(made.body.task_id);
      const offer = await bed.entry(QUEUE, { task });
      await report(reportOf('claim'), { task });
      const grant = await bed.entry(CONTROL, { type: 'grant', task, instance: presence.instance });
      expect(Object.keys(grant)).toEqual(expect.arrayContaining(Object.keys(controlOf('grant'))));
      return { task, offer, about: { task, attempt: grant.attempt } };
    };
    const taskOf = async (task: string) => (await send(hub, 'GET', `/tasks/${task}?version=2`)).body;
    const ended = async (task: string) => {
      await eventually(async () => (await taskOf(task)).endedAtMs !== null, { deadlineMs, what: 'the end' });
      return taskOf(task);
    };

    const deploy = await start('deploy', { release: 'v8', key: 'hidden' });
    const [recordedOffer = {}] = recording.hub.offers;
    expect(Object.keys(deploy.offer)).toEqual(expect.arrayContaining(Object.keys(recordedOffer)));
    expect(JSON.parse(deploy.offer.params ?? '')).toEqual({ release: 'v8' });
    expect(deploy.offer.sealedParams?.split('.').map(({ length }) => length > 0)).toEqual(
      Array(5).fill(true),
    );
    await report(reportOf('progress'), deploy.about);
    for (const line of runner.log) await bed.add(`booner:log:${deploy.task}`, change.fields(line));
    await report(reportOf('end', 'completed'), deploy.about);
    expect(await ended(deploy.task)).toMatchObject({
      status: 'completed',
      result: { files: 3 },
      progressPercent: 100,
      message: null,
      logLines: 2,
    });
    const { lines } = (await send(hub, 'GET', `/tasks/${deploy.task}/log`)).body;
    expect(lines).toEqual(runner.log.map(({ line, stream, text }) => ({ line: Number(line), stream, text })));
    await bed.entry(CONTROL, { type: 'settled', ...deploy.about } as Fields);

    await appear();
    const wait = await start('wait', {});
    await send(hub, 'POST', `/tasks/${wait.task}/cancel`);
    const cancel = await bed.entry(CONTROL, { type: 'cancel', ...wait.about } as Fields);
    expect(Object.keys(cancel)).toEqual(expect.arrayContaining(Object.keys(controlOf('cancel'))));
    await report(reportOf('end', 'cancelled'), wait.about);
    expect(await ended(wait.task)).toMatchObject({ status: 'cancelled' });
  });

  it.concurrent('the runner follows the messages of a hub', async () => {
    await using bed = await startHubBed();
    const directory = await mkdtemp(join(tmpdir(), 'booner-recorded-'));
    bed.own.defer(() => rm(directory, { recursive: true }));
    await mkdir(join(directory, 'actions.d'), { mode: 0o755 });
    const action = {
      name: 'wait',
      ...shell('trap "echo bye; exit 1" TERM; echo running; while :; do sleep 0.05; done'),
    };
    await writeFile(join(directory, 'actions.d', 'wait.yaml'), JSON.stringify(action));
    const daemon = await startRunner({
      redisUrl: bed.redis.url,
      hostId: host,
      actionsDirectory: join(directory, 'actions.d'),
    });
    bed.own.use(daemon);
    const reported = (type: string) =>
      eventually(async () => (await bed.reports()).find((report) => report.type === type), {
        deadlineMs,
        what: `the report ${type}`,
      });
    const tell = (fields: Fields) => bed.add(CONTROL, change.fields(fields));
    await reported('hello');
    for (const key of [QUEUE, CONTROL]) await bed.operator.xgroup('CREATE', key, 'runner', '0', 'MKSTREAM');

    const offer = recording.hub.offers.find(({ action }) => action === 'wait') ?? {};
    const { task = '', attempt = '' } = controlOf('cancel');
    expect(offer.task).toBe(task);
    await bed.add(QUEUE, change.fields(offer));
    const { instance } = await reported('claim');
    if (change === withMore) await tell({ type: 'pause', task, attempt }); // which this version does not know
    await tell(controlOf('deny')); // of another task, as the next one
    await tell(controlOf('stop'));
    await tell({ ...controlOf('grant'), instance: String(instance) });
    await bed.entry(`booner:log:${task}`, { text: 'running' });
    await tell(controlOf('cancel'));
    expect(await reported('end')).toMatchObject({ task, attempt, outcome: { status: 'cancelled' } });
    await tell(controlOf('settled'));
    await eventually(async () => (await bed.operator.xlen(CONTROL)) === 0, {
      deadlineMs,
      what: 'all to be read',
    });
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  });

  it.concurrent('a hub continues from the stored data of hubs', async () => {
    await using bed = await startHubBed();
    const byMs = Date.now() - recording.recordedAtMs;
    const changed = Object.entries(stored).map(([key, each]) => [key, changeStored(key, each, change)]);
    await writeStore(bed.operator, Object.fromEntries(changed), byMs);
    const hub = await bed.startHub();
    const { tasks } = (await send(hub, 'GET', '/tasks?version=2')).body;
    const known = (recording.tasks.tasks as object[]).map((task) => ({
      ...task,
      ...{ createdBy: null, rollout: null, check: false, maxAttempts: null, steps: null },
      ...{ artefacts: null, traceparent: null },
    }));
    expect(withoutTimes(tasks)).toEqual(withoutTimes(known));
    // Unchanged.
    expect((await send(hub, 'GET', `/targets/${host}`)).body).toMatchObject({ status: 'active' });
    const { task } = reportOf('end', 'completed');
    const { lines } = (await send(hub, 'GET', `/tasks/${task}/log`)).body;
    expect(lines).toEqual(runner.log.map(({ line, stream, text }) => ({ line: Number(line), stream, text })));

    const events = stored['booner:events'];
    if (events?.type !== 'stream') throw new Error('no events were recorded');
    const [first = ''] = events.value[0] ?? [];
    const cursor = first.replace(/^\d+/, (ms) => `${Number(ms) + byMs}`);
    using client = await openTaskClient(hub.url, { version: 2, query: { cursor } });
    const types = () => client.received.map(({ message }) => message.type);
    const hasCome = () => types().length >= events.value.length || types()[0] === 'snapshot';
    await eventually(hasCome, { deadlineMs, what: 'the events' });
    expect(types()).toEqual(['resumed', ...events.value.slice(1).map(() => 'event')]);
  });

  it('a client can read what a hub sends', () => {
    const { status1, status2, tasks1, tasks2 } = recording.frames;
    expect(systemStatusSchema.parse(change.json(status1))).toEqual(status1);
    expect(taskMapSchema.safeParse(tasks1).success).toBe(true);
    for (const message of status2)
      expect(statusServerMessageSchema.parse(change.json(message))).toMatchObject(message);
    for (const message of tasks2)
      expect(taskServerMessageSchema.parse(change.json(message))).toEqual(message);
  });
});

function changeStored(key: string, each: StoredKey, change: Change): StoredKey {
  if (key === 'booner:targets' && each.type === 'hash') {
    const values = Object.entries(each.value).map(([name, text]) => [
      name,
      JSON.stringify(change.json(JSON.parse(text))),
    ]);
    return { type: 'hash', value: Object.fromEntries(values) };
  }
  if (each.type === 'hash') return { type: 'hash', value: change.fields(each.value) };
  if (each.type === 'stream') {
    return { type: 'stream', value: each.value.map(([id, fields]) => [id, change.fields(fields)] as const) };
  }
  return each;
}

const withoutTimes = (tasks: unknown) =>
  (tasks as readonly object[]).map((task) =>
    Object.fromEntries(Object.entries(task).filter(([name]) => !name.endsWith('AtMs'))),
  );
