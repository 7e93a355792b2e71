import { newTaskId, START_CURSOR } from '@booner/protocol';
import { EVENTS_KEY, reportsKey } from '@booner/protocol/redis-names';
import { describe, expect, it } from 'vitest';
import { HOST } from '../../testing/contract/sample-factory.ts';
import { FIRST_START, makeTask } from '../../testing/contract/task-factory.ts';
import { nextReport, until } from '../../testing/contract/task-scenario.ts';
import { startTaskScenario } from '../../testing/test-task-bus.ts';

const MEBIBYTE = 'x'.repeat(1024 * 1024);

describe('an external task', () => {
  it('is updated by every change, and one of an earlier hub has its time from when it is first seen', async () => {
    await using scene = await startTaskScenario();
    const { redis, hub } = scene;
    const { id } = await scene.create({ offer: null });
    const end = () => hub.endAbandoned([id], 3_600_000, 'not updated');
    await redis.hset(`booner:task:${id}`, 'updatedAtMs', '1000');
    await hub.change(id, { status: 'queued' });
    expect(await end()).toEqual([]);
    await redis.hdel(`booner:task:${id}`, 'updatedAtMs', 'owner');
    expect(await end()).toEqual([]);
    expect(Number(await redis.hget(`booner:task:${id}`, 'updatedAtMs'))).toBeGreaterThan(1000);
    await redis.hset(`booner:task:${id}`, 'updatedAtMs', '1000');
    expect(await end()).toEqual([id]);
    expect(await redis.keys('booner:external:*')).toEqual([]);
  });
});

describe('what others put into Redis', () => {
  it('as tasks is left out with a reason, and cannot be changed', async () => {
    await using scene = await startTaskScenario();
    const { redis, hub } = scene;
    const good = await scene.create();
    const bad = Array.from({ length: 7 }, newTaskId);
    const [string, wrong, version, missing, large, other, dangling] = bad;
    const [hash] = [await redis.hgetall(`booner:task:${good.id}`)];
    await redis.set(`booner:task:${string}`, 'a string');
    await redis.hset(`booner:task:${wrong}`, { ...hash, id: wrong, status: 'sleeping' });
    await redis.hset(`booner:task:${version}`, { ...hash, id: version, version: '1.5', host: 'A B' });
    await redis.hset(`booner:task:${missing}`, { id: missing, __proto__: 'x' });
    await redis.hset(`booner:task:${large}`, { ...hash, id: large, params: `{"a":"${MEBIBYTE}"}` });
    await redis.hset(`booner:task:${other}`, hash); // that of another task
    for (const [index, id] of [...bad, 'no id'].entries()) {
      await redis.zadd('booner:tasks', 1000 + index, `${id}`);
      await redis.zadd('booner:tasks:open', 1000 + index, `${id}`);
    }
    const board = await hub.readBoard(10);
    expect(board.tasks.map(({ id }) => id)).toEqual([good.id]);
    expect((await hub.list({ limit: 10 })).tasks.map(({ id }) => id)).toEqual([good.id]);
    expect(await hub.read(string!)).toBeNull();
    expect(await hub.read(dangling!)).toBeNull();
    const details = scene.bus.rejections.map(({ detail }) => detail);
    for (const id of [string, wrong, version, missing, large, other]) {
      expect(details.filter((detail) => detail.startsWith(`task ${id}: `)).length).toBeGreaterThanOrEqual(2);
    }
    expect(details.join('\n')).not.toContain('sleeping');
    for (const id of [string, wrong, missing]) {
      expect(await hub.cancel(id!)).toEqual({ type: 'unknown' });
      expect(await hub.change(id!, { status: 'running' })).toEqual({ type: 'unknown' });
      expect(await hub.endLost(id!, 1, 'agent lost')).toBe('unchanged');
    }
    expect(await redis.get(`booner:task:${string}`)).toBe('a string');
  });

  it('as reports is taken off and recorded, and the next one is applied', async () => {
    await using scene = await startTaskScenario();
    const { redis, hub } = scene;
    const runner = await scene.startRunner();
    const { id } = await scene.create();
    await redis.set(`booner:task:${'s'.repeat(21)}`, 'a string');
    const report = (text: string) => redis.xadd(reportsKey(HOST), '*', 'report', text);
    await redis.xadd(reportsKey(HOST), '*', 'something', 'else');
    await report('no json');
    await report('x'.repeat(100_000));
    await report('['.repeat(60_000));
    await report('{"type":"claim"}');
    await report('{"type":"boast","host":"10.0.0.2"}');
    await redis.xadd(reportsKey(HOST), '*', 'report', Buffer.from([0x22, 0xff, 0xfe, 0x22]));
    await report(JSON.stringify(runner.claimReport('s'.repeat(21) as typeof id)));
    await runner.send(runner.claimReport(id));
    const outcomes: string[] = [];
    await until('the good report to be applied', async () => {
      for (const received of await hub.nextReports(100)) {
        if (received.report?.type === 'hello') await hub.apply(received);
        else outcomes.push((await hub.apply(received)).type);
      }
      return outcomes.length === 8;
    });
    expect(outcomes).toEqual([...Array(7).fill('late'), 'applied']);
    expect(scene.bus.rejections).toMatchObject([{ reason: 'oversized', host: HOST }]);
    const reasons = (await scene.bus.readLateReports()).map(({ reason }) => reason);
    expect(reasons).toHaveLength(7);
    expect(reasons.every((reason) => reason.length > 5 && reason.length < 301)).toBe(true);
    expect(reasons.at(-1)).toBe('unknown task');
    expect(await redis.xlen(reportsKey(HOST))).toBe(0);
    expect(await hub.takeOverReports(0, 100)).toEqual([]);
  });

  it('as events is left out, and causes no endless loop in a follower', async () => {
    await using scene = await startTaskScenario();
    const { redis, hub } = scene;
    const first = await scene.create();
    await redis.xadd(EVENTS_KEY, '*', 'garbage', 'x');
    await redis.xadd(EVENTS_KEY, '*', 'task', first.id, 'kind', 'ended', 'version', 'two');
    await redis.xadd(EVENTS_KEY, '*', 'task', first.id, 'kind', 'created', 'version', '1');
    const seen = await hub.nextEvents(START_CURSOR, 10);
    expect(seen).toMatchObject([{ kind: 'created', task: { id: first.id } }]);
    const { cursor } = (seen as Exclude<typeof seen, string>)[0]!;
    const startMs = performance.now();
    expect(await hub.nextEvents(cursor, 1)).toEqual([]);
    expect(performance.now() - startMs).toBeGreaterThan(4000);
    const waiting = hub.nextEvents(cursor, 1);
    const second = await scene.create();
    expect(await waiting).toMatchObject([{ kind: 'created', task: { id: second.id } }]);
    expect(scene.bus.rejections.length).toBeGreaterThanOrEqual(3);
  });

  it('as presences, offers, control messages and logs is left out', async () => {
    await using scene = await startTaskScenario();
    const { redis, hub } = scene;
    const runner = await scene.startRunner();
    await redis.set('booner:runner:10.0.0.7', 'garbage');
    await redis.set('booner:runner:10.0.0.8', JSON.stringify({ instance: FIRST_START, version: MEBIBYTE }));
    await redis.hset('booner:runner:10.0.0.9', 'a', 'b');
    await redis.set('booner:runner:UPPER', '{}');
    expect((await hub.findRunners()).map(({ host }) => host)).toEqual([HOST]);
    expect(scene.bus.rejections.map(({ reason, host }) => `${reason} ${host}`).sort()).toEqual([
      'bad_host null',
      'not_json 10.0.0.7',
      'oversized 10.0.0.8',
      'wrong_shape 10.0.0.9',
    ]);
    const task = await scene.create();
    await redis.xadd(`booner:queue:${HOST}`, '*', 'garbage', 'x');
    await redis.xadd(`booner:queue:${HOST}`, '*', 'task', task.id, 'action', 'a', 'params', MEBIBYTE);
    await redis.xadd(`booner:control:${HOST}`, '*', 'type', 'launch');
    const grant = await runner.start(task.id);
    await until('three more rejections', () => scene.bus.rejections.length === 7);
    expect(runner.offers.map((offer) => offer.task)).toEqual([task.id]);

    const key = `booner:log:${task.id}`;
    await runner.runner.appendLog(task.id, [{ line: 1, stream: 'stdout', text: 'a\nb' }]);
    await redis.xadd(key, '*', 'line', 'x', 'stream', 'stdout', 'text', 't');
    await redis.xadd(key, '*', 'line', '3', 'stream', 'stdout', 'text', MEBIBYTE);
    // Part of it is sent twice.
    await runner.runner.appendLog(task.id, [{ line: 2, stream: 'stderr', text: 'b\nc' }]);
    const lines = [1, 2, 3].map((line) => expect.objectContaining({ line }));
    expect((await hub.readLogTail(task.id, 10)).lines).toEqual(lines);
    expect((await hub.readLog(task.id, { afterLine: 0 }, 10)).lines).toEqual(lines);
    const from = new Map([[task.id, { afterLine: 0, after: START_CURSOR }]]);
    expect((await hub.readLogs(from, 10)).get(task.id)?.lines).toEqual(lines);
    await redis.set(key, 'a string');
    expect(await hub.readLogTail(task.id, 10)).toEqual({ lines: [], droppedLines: 0, cursor: START_CURSOR });
    expect((await hub.readLog(task.id, { afterLine: 0 }, 10)).lines).toEqual([]);
    expect((await hub.readLogs(from, 10)).size).toBe(0);
    expect(await runner.say(runner.endReport(grant))).toEqual({ type: 'applied' });
  });

  it.each([`booner:control:${HOST}`, `booner:queue:${HOST}`, 'booner:tasks:ended', EVENTS_KEY])(
    'in the place of %s keeps a step from being done in part',
    async (key) => {
      await using scene = await startTaskScenario();
      const { redis, hub } = scene;
      const runner = await scene.startRunner();
      const { id } = await scene.create();
      const grant = await runner.start(id);
      await runner.send(runner.endReport(grant));
      const end = await nextReport(hub);
      const before = await redis.hgetall(`booner:task:${id}`);
      await redis.exists(key).then((exists) => (exists === 1 ? redis.rename(key, 'aside') : 'OK'));
      await redis.set(key, 'a string');
      const refusal = { code: 'refused', reply: 'WRONGTYPE' };
      await expect(hub.apply(end)).rejects.toMatchObject(refusal);
      await expect(hub.create(makeTask())).rejects.toMatchObject(refusal);
      expect(await redis.hgetall(`booner:task:${id}`)).toEqual(before);
      expect(await redis.xlen(reportsKey(HOST))).toBe(1);
      await redis.del(key);
      await redis.exists('aside').then((exists) => (exists === 1 ? redis.rename('aside', key) : 'OK'));
      expect(await hub.apply(end)).toEqual({ type: 'applied' });
      expect((await scene.events()).map(({ kind }) => kind)).toEqual(['created', 'started', 'ended']);
    },
  );
});

it('offers a dry run under a name that a runner without dry runs does not know', async () => {
  await using scene = await startTaskScenario();
  await scene.create({ check: true });
  const [[, fields = []] = []] = await scene.redis.xrange(`booner:queue:${HOST}`, '-', '+');
  expect(fields).toContain('check:disk-usage');
  expect(fields).not.toContain('disk-usage');
});

it('leaves readable values under the names that operators look for', async () => {
  await using scene = await startTaskScenario();
  const { redis } = scene;
  const runner = await scene.startRunner();
  const task = await scene.create({ params: { folder: '/srv', list: [], password: '[redacted]' } });
  const grant = await runner.start(task.id);
  await runner.say(runner.progressReport(grant, 1, 40));
  await runner.say(runner.endReport(grant));
  const time = expect.stringMatching(/^\d{13}$/);
  expect(await redis.hgetall(`booner:task:${task.id}`)).toEqual({
    ...{ id: task.id, version: '4', status: 'completed', host: HOST, action: 'disk-usage' },
    params: '{"folder":"/srv","list":[],"password":"[redacted]"}',
    createdBy: task.createdBy,
    ...{ attempt: '1', createdAtMs: time, startedAtMs: time, endedAtMs: time },
    ...{ progressPercent: '100', result: '{"details":"done"}', logLines: '40' },
    ...{ attemptToken: grant.attempt, endedByAttempt: grant.attempt, instance: FIRST_START },
    ...{ queueEntry: expect.stringMatching(/^\d+-0$/), progressCounter: '1' },
  });
  const entries = await redis.xrevrange(EVENTS_KEY, '+', '-', 'COUNT', 5);
  const about = (kind: string, version: number, status: string) =>
    `task ${task.id} kind ${kind} version ${version} host ${HOST} status ${status}`;
  expect(entries.map(([, fields]) => fields.join(' ').replaceAll(/\d{13}/g, 'TIME'))).toEqual([
    `${about('ended', 4, 'completed')} result {"details":"done"} progressPercent 100 message  endedAtMs TIME`,
    `${about('progress', 3, 'running')} progressPercent 40 message step 40 logLines 40`,
    `${about('started', 2, 'running')} attempt 1 startedAtMs TIME`,
    `${about('created', 1, 'queued')} action disk-usage params {"folder":"/srv","list":[],"password":"[redacted]"} attempt 0 createdAtMs TIME logLines 0 createdBy ${task.createdBy}`,
  ]);
  expect(await redis.zrange('booner:tasks', '0', '-1')).toEqual([task.id]);
  expect(await redis.zrange('booner:tasks:ended', '0', '-1')).toEqual([task.id]);
  expect(await redis.xlen(`booner:queue:${HOST}`)).toBe(0);
  const names = [...String(await redis.client('LIST')).matchAll(/ name=(\S+)/g)].map(([, name]) => name);
  expect(names.sort()).toEqual(
    ['hub-events', 'hub-reports', 'hub-tasks', 'runner-10.0.0.2', 'runner-10.0.0.2-reads']
      .map((name) => `booner-${name}`)
      .concat('operator'),
  );
});
