import { START_CURSOR } from '@booner/protocol';
import {
  ALERT_EVENTS_KEY,
  ALERT_SETTING_KEYS,
  alertsKey,
  EPISODES_KEY,
  groupInputsKey,
  groupsKey,
} from '@booner/protocol/redis-names';
import { shardOf } from '@booner/protocol/shard';
import { startRedis } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import type { Rejection } from '../../ports.ts';
import { describeAlertContract } from '../../testing/contract/alert-contract.ts';
import { makeAlert, makeChange, makeEpisode, makeInput } from '../../testing/contract/alert-factory.ts';
import { untilConnected } from '../../testing/contract/connection-contract.ts';
import { HOST } from '../../testing/contract/sample-factory.ts';
import { connectOperator, until } from '../../testing/test-bus.ts';
import { aclOf, waysTo } from '../../testing/test-users.ts';
import { shareCommands } from '../connection/share-commands.ts';
import { fieldsOf } from '../connection/stream-fields.ts';
import { startRedisLeases } from '../leases/leases.ts';
import { startRedisOutbox } from '../outbox/outbox.ts';
import { startRedisAlerts } from './alerts.ts';

describe('alerts on Redis, with no more rights than hubs need', () => {
  describeAlertContract(async () => {
    const server = await startRedis({ acl: aclOf([]) });
    const redis = waysTo(server.url).hub;
    return {
      startAlerts: (onRejected) =>
        startRedisAlerts({ redis, commands: shareCommands(redis, 'test'), onRejected }),
      startLeases: (hub) => startRedisLeases({ redis, hub, renewIntervalMs: 100 }),
      startOutbox: (hub) => startRedisOutbox({ redis, commands: shareCommands(redis, 'test'), hub }),
      [Symbol.asyncDispose]: server[Symbol.asyncDispose],
    };
  });
});

const SHARD = shardOf(HOST);

async function startScene() {
  await using resources = new AsyncDisposableStack();
  const server = resources.use(await startRedis());
  const { redis } = resources.use(connectOperator(server.url));
  const rejections: Rejection[] = [];
  const onRejected = (rejection: Rejection) => void rejections.push(rejection);
  const settings = { url: server.url };
  const commands = shareCommands(settings, 'test');
  const hub = resources.use(await startRedisAlerts({ redis: settings, commands, onRejected }));
  await untilConnected(hub);
  const owned = resources.move();
  return { server, redis, rejections, hub, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

describe.concurrent('alerts on Redis', () => {
  it('can be read by operators', async () => {
    await using scene = await startScene();
    const { hub, redis } = scene;
    const [alert, ended] = [makeAlert(), makeEpisode()];
    const input = makeInput();
    await hub.change(SHARD, null, [
      makeChange(alert, { inputs: [{ shard: SHARD, input }] }),
      makeChange(makeAlert({ device: null }), { after: null, ended }),
    ]);
    const stored = await redis.hgetall(alertsKey(SHARD));
    expect(Object.keys(stored)).toEqual([`disk-full ${HOST} /srv/Größe "a"`]);
    expect(JSON.parse(Object.values(stored)[0] ?? '')).toEqual(alert);
    expect((await redis.lrange(groupInputsKey(SHARD), '0', '-1')).map((text) => JSON.parse(text))).toEqual([
      input,
    ]);
    const [[, flat] = ['', []]] = await redis.xrange(ALERT_EVENTS_KEY, '-', '+');
    const { type, alerts = '' } = Object.fromEntries(fieldsOf(flat));
    const key = { rule: 'disk-full', host: HOST };
    expect([type, JSON.parse(alerts)]).toEqual([
      'alerts',
      [
        { ...key, device: alert.device, after: alert, ended: null },
        { ...key, device: null, after: null, ended },
      ],
    ]);
    const [[, episode] = ['', []]] = await redis.xrange(EPISODES_KEY, '-', '+');
    expect(JSON.parse(fieldsOf(episode).get('episode') ?? '')).toEqual(ended);
  });

  it('leave out and report what no hub wrote', async () => {
    await using scene = await startScene();
    const { hub, redis, rejections } = scene;
    const [alert, text] = [makeAlert(), JSON.stringify(makeAlert())];
    await redis.hset(alertsKey(SHARD), 'other 10.0.0.9', text, 'x', 'no JSON');
    await redis.hset(ALERT_SETTING_KEYS.rules, 'a', '[]', 'b', `"${'x'.repeat(300_000)}"`, 'c', '{}');
    await redis.hset(groupsKey(SHARD), 'a', '{}');
    await redis.xadd(EPISODES_KEY, '*', 'episode', '{}');
    await redis.xadd(ALERT_EVENTS_KEY, '*', 'type', 'settings', 'kind', 'hello');
    await redis.xadd(ALERT_EVENTS_KEY, '*', 'type', 'alerts', 'alerts', '{}');
    const sound = JSON.stringify({ rule: alert.rule, host: HOST, device: null, after: null, ended: null });
    await redis.xadd(ALERT_EVENTS_KEY, '*', 'type', 'alerts', 'alerts', `[7,${sound}]`);
    expect((await hub.readAlerts()).alerts).toEqual([]);
    expect(await hub.readSettings('rules')).toEqual(new Map([['c', {}]]));
    expect((await hub.readGroups(SHARD)).groups).toEqual(new Map());
    expect((await hub.readEpisodes({ limit: 10 })).episodes).toEqual([]);
    expect(await hub.nextEvents(START_CURSOR, 10)).toMatchObject([{ changes: [{ after: null }] }]);
    expect(rejections.map(({ reason }) => reason).toSorted()).toEqual([
      ...['not_json', 'oversized'],
      ...Array.from({ length: 7 }, () => 'wrong_shape'),
    ]);
  });

  it('are changed as a whole or not at all', async () => {
    await using scene = await startScene();
    const { hub, redis } = scene;
    await redis.set(groupInputsKey(SHARD), 'x');
    const change = makeChange(makeAlert(), { inputs: [{ shard: SHARD, input: makeInput() }] });
    await expect(hub.change(SHARD, null, [change])).rejects.toMatchObject({ reply: 'WRONGTYPE' });
    expect((await hub.readAlerts()).alerts).toEqual([]);
    await redis.del(groupInputsKey(SHARD));
    await redis.config('SET', 'maxmemory', '1');
    await expect(hub.change(SHARD, null, [change])).rejects.toMatchObject({ code: 'refused', reply: 'OOM' });
    await redis.config('SET', 'maxmemory', '0');
    expect(await hub.readAlerts()).toEqual({ cursor: START_CURSOR, alerts: [] });
  });

  it('are followed again after Redis has lost them', async () => {
    await using scene = await startScene();
    const { hub } = scene;
    await hub.change(SHARD, null, [makeChange(makeAlert())]);
    const { cursor } = await hub.readAlerts();
    await scene.server.kill('SIGKILL');
    await until('the loss', () => hub.connection().state === 'disconnected');
    await scene.server.restart();
    await untilConnected(hub);
    expect(await hub.nextEvents(cursor, 10)).toBe('trimmed');
    expect(await hub.readAlerts()).toEqual({ cursor: START_CURSOR, alerts: [] });
    expect(scene.rejections).toEqual([]);
  });

  it('that are many are read without blocking the hub', async () => {
    await using scene = await startScene();
    const { hub } = scene;
    for (let batch = 0; batch < 20; batch += 1) {
      const alerts = Array.from({ length: 100 }, (_, index) => makeAlert({ device: `${batch}/${index}` }));
      await hub.change(
        SHARD,
        null,
        alerts.map((alert) => makeChange(alert)),
      );
    }
    let turns = 0;
    const count = () => {
      turns += 1;
      turning = setImmediate(count);
    };
    let turning = setImmediate(count);
    expect((await hub.readAlerts()).alerts).toHaveLength(2000);
    clearImmediate(turning);
    expect(turns).toBeGreaterThanOrEqual(8);
  });
});
