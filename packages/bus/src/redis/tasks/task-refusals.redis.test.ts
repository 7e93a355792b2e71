import { reportsKey, runnerKey } from '@booner/protocol/redis-names';
import { type RedisServer, startRedis } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { untilConnected } from '../../testing/contract/connection-contract.ts';
import { HOST, OTHER_HOST } from '../../testing/contract/sample-factory.ts';
import { COMPLETED, FIRST_START, makePresence, makeTask } from '../../testing/contract/task-factory.ts';
import { nextReport, until } from '../../testing/contract/task-scenario.ts';
import { startTaskScenario } from '../../testing/test-task-bus.ts';
import { aclOf, waysTo } from '../../testing/test-users.ts';
import { startRedisRunner } from '../runner/runner.ts';
import { startRedisTasks } from './tasks.ts';

const snapshot = async (scene: Awaited<ReturnType<typeof startTaskScenario>>) => ({
  keys: (await scene.redis.keys('*')).toSorted(),
  events: await scene.redis.xlen('booner:events'),
  queue: await scene.redis.xlen(`booner:queue:${HOST}`),
  reports: await scene.redis.xlen(reportsKey(HOST)),
  late: await scene.redis.xlen('booner:late-reports'),
});

const OOM = /^Redis has reached its memory limit .*\(OOM\)$/;

describe('a Redis at its maxmemory', () => {
  it('refuses each step as a whole, and does it when there is memory again', async () => {
    await using scene = await startTaskScenario();
    const runner = await scene.startRunner();
    const [running, ending, waiting] = [await scene.create(), await scene.create(), await scene.create()];
    await runner.start(running.id);
    const grant = await runner.start(ending.id);
    const external = await scene.create({ offer: null });
    await runner.send(runner.endReport(grant));
    const end = await nextReport(scene.hub);
    await runner.send({
      ...runner.endReport(grant),
      instance: FIRST_START,
      attempt: 'x'.repeat(21) as never,
    });
    const late = await nextReport(scene.hub);
    const before = await snapshot(scene);
    await scene.redis.config('SET', 'maxmemory', '1');

    const refusal = { name: 'BusError', code: 'refused', reply: 'OOM' };
    const idempotency = { key: 'once', bodyHash: 'hash' };
    const task = makeTask({ idempotency });
    for (const step of [
      () => scene.hub.create(task),
      () => scene.hub.cancel(waiting.id),
      () => scene.hub.cancel(running.id),
      () => scene.hub.change(external.id, { status: 'running' }),
      () => scene.hub.apply(end),
      () => scene.hub.apply(late),
      () => scene.hub.apply({ ...late, report: null }),
    ]) {
      await expect(step()).rejects.toMatchObject(refusal);
    }
    expect(await runner.runner.report(runner.claimReport(waiting.id))).toBe('unsent');
    expect(await runner.runner.appendLog(running.id, [{ line: 1, stream: 'stdout', text: 'x' }])).toBe(
      'unsent',
    );
    expect(scene.bus.refusals).toEqual([expect.stringMatching(OOM), expect.stringMatching(OOM)]);
    const newcomer = await scene.startHub();
    expect((await newcomer.readBoard(10)).tasks).toHaveLength(4);
    expect(await newcomer.takeOverReports(60_000, 10)).toEqual([]);
    expect(await snapshot(scene)).toEqual(before);
    expect(await scene.hub.read(running.id)).toMatchObject({ status: 'running', version: 2 });

    await scene.redis.config('SET', 'maxmemory', '0');
    expect(await scene.hub.create(task)).toMatchObject({ type: 'created' });
    expect(await scene.hub.apply(end)).toEqual({ type: 'applied' });
    expect(await scene.hub.apply(late)).toMatchObject({ type: 'late' });
    expect(await scene.hub.cancel(waiting.id)).toEqual({ type: 'cancelled' });
    expect((await scene.hub.read(ending.id))?.result).toEqual(COMPLETED.result);
  });

  it('takes no runner that lives for lost, and lets hubs forget what has ended', async () => {
    await using scene = await startTaskScenario();
    const runner = await scene.startRunner();
    const { id } = await scene.create();
    await scene.hub.cancel(id);
    await scene.redis.config('SET', 'maxmemory', '1');
    await scene.redis.pexpire(runnerKey(HOST), 4000);
    runner.runner.present(makePresence());
    await until(
      'the presence to live longer',
      async () => (await scene.redis.pttl(runnerKey(HOST))) > 10_000,
    );
    // Its answer may come after that of this test's own connection.
    await until('the refusal', () => scene.bus.refusals.length > 0);
    expect(scene.bus.refusals).toEqual([expect.stringMatching(OOM)]);
    expect(await scene.hub.prune({ maxEnded: 0, maxAgeMs: 60_000 })).toBe(1);
    expect(await scene.hub.read(id)).toBeNull();
  });
});

const ACL = aclOf([HOST, OTHER_HOST]);
const ways = ({ url }: RedisServer) => waysTo(url);

describe('access rights', () => {
  it('suffice for a runner and a hub', async () => {
    await using scene = await startTaskScenario({ acl: ACL }, ways);
    const runner = await scene.startRunner();
    const { id } = await scene.create({ idempotency: { key: 'k', bodyHash: 'h' } });
    await until('the offer', () => runner.offers.length === 1);
    const grant = await runner.start(id);
    expect(await runner.runner.appendLog(id, [{ line: 1, stream: 'stdout', text: 'x' }])).toBe('sent');
    await runner.say(runner.progressReport(grant, 1));
    await scene.hub.cancel(id);
    expect(await scene.hub.repeatCancel(id, 0)).toBe(true);
    await runner.say(runner.endReport(grant));
    expect((await runner.messagesAbout(id)).map(({ type }) => type)).toEqual([
      'grant',
      'cancel',
      'cancel',
      'settled',
    ]);
    expect((await scene.hub.list({ limit: 10 })).tasks).toHaveLength(1);
    const { cursor } = await scene.hub.readBoard(10);
    const [first] = await scene.events();
    expect(await scene.hub.nextEvents(first!.cursor, 10)).toHaveLength(4);
    expect(await scene.hub.readEvents(cursor, 10)).toEqual([]);
    expect((await scene.hub.readLogTail(id, 10)).lines).toHaveLength(1);
    expect(await scene.hub.findRunners('disk-usage')).toHaveLength(1);
    expect(await scene.hub.takeOverReports(0, 10)).toEqual([]);
    const externalLimits = { owner: 'one', maxOfHost: 2, maxOfOwner: 2 };
    const external = await scene.create({ offer: null, externalLimits });
    await scene.hub.change(external.id, { status: 'running', message: 'x' });
    expect(await scene.hub.endAbandoned([external.id], 60_000, 'not updated')).toEqual([]);
    await scene.hub.change(external.id, { status: 'completed', message: null });
    expect(await scene.hub.prune({ maxEnded: 0, maxAgeMs: 60_000 })).toBe(2);
    await runner.runner.leave();
    expect(await scene.hub.readRunner(HOST)).toBeNull();
    expect(scene.bus.refusals).toEqual([]);
    expect(scene.bus.rejections).toEqual([]);
  });

  it('keep a runner from the streams and the presence of another host, and say so', async () => {
    await using scene = await startTaskScenario({ acl: ACL }, ways);
    const { id } = await scene.create();
    const refusals: string[] = [];
    const received: unknown[] = [];
    await using thief = await startRedisRunner({
      redis: ways(scene.server).runner(OTHER_HOST),
      host: HOST,
      instance: FIRST_START,
      listener: {
        onOffer: (offer) => void received.push(offer),
        onControl: (message) => void received.push(message),
        onServing: (serving) => void received.push(serving),
        onConnection: () => {},
      },
      onRefused: (error) => void refusals.push(error.message),
    });
    await untilConnected(thief);
    thief.present(makePresence());
    await until('the refusal', () => refusals.length > 0);
    expect(refusals).toEqual([expect.stringMatching(/^the Redis user may not GETRANGE: .*\(NOPERM\)$/)]);
    expect(await scene.hub.readPresentHosts([HOST, OTHER_HOST])).toEqual(new Set());
    // Older runners share a stream of reports: a claim for another host changes nothing.
    expect(await thief.report({ type: 'claim', host: HOST, instance: FIRST_START, task: id })).toBe('sent');
    expect(await scene.hub.apply(await nextReport(scene.hub))).toMatchObject({ type: 'late' });
    expect(await scene.hub.read(id)).toMatchObject({ status: 'queued', version: 1 });
    expect(received).toEqual([]);
  });

  it.each(['hincrby', 'zadd', 'xdel', 'xgroup|create', 'unlink', 'memory|usage', 'client|tracking'])(
    'that lack %s keep a hub from connecting, lest it stops in the middle of a step',
    async (command) => {
      const [name = ''] = command.split('|');
      await using server = await startRedis({ acl: ACL.replaceAll(` +${command}`, '') });
      await using hub = await startRedisTasks({ redis: ways(server).hub, hub: 'hub-1' });
      await until('the refusal', () => hub.connection().state === 'disconnected');
      expect(hub.connection()).toMatchObject({
        reason: expect.stringMatching(new RegExp(`may not ${name.toUpperCase()}.* \\(NOPERM\\)$`)),
      });
    },
  );
});
