import { newAttemptToken } from '@booner/protocol';
import {
  controlKey,
  logKey,
  metricsChannel,
  queueKey,
  REPORTS_KEY,
  runnerConflictKey,
  runnerKey,
  targetKey,
  taskKey,
} from '@booner/protocol/redis-names';
import { startRedis } from '@booner/testkit';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { HOST, OTHER_HOST } from '../../testing/contract/sample-factory.ts';
import { COMPLETED, makeTask, OTHER_RUNNER } from '../../testing/contract/task-factory.ts';
import { startTaskScenario } from '../../testing/test-task-bus.ts';
import { aclOf, waysTo } from '../../testing/test-users.ts';

/** Connects with the password of a user of {@link OTHER_HOST}, with a client of its own. */
async function connectThief(url: string, user: 'agent' | 'runner') {
  const { username, password } = waysTo(url)[user](OTHER_HOST);
  const redis = new Redis(url, {
    ...{ username, password, lazyConnect: true, disableClientInfo: true, enableReadyCheck: false },
    retryStrategy: null,
  });
  await redis.connect();
  return {
    /** Sends a command. Resolves with `NOPERM`, or with `done` if Redis carried it out. */
    tries: async (...[command, ...args]: [string, ...string[]]) => {
      try {
        await redis.call(command, ...args);
        return 'done';
      } catch (error) {
        return String((error as Error).message).split(' ', 1)[0];
      }
    },
    [Symbol.dispose]: () => redis.disconnect(),
  };
}

const ELSEWHERE: readonly (readonly [string, ...string[]])[] = [
  ['PUBLISH', metricsChannel(HOST), '{}'],
  ['PUBLISH', 'booner:removals', HOST],
  ['PUBLISH', 'booner:registrations', '{}'],
  ['SUBSCRIBE', metricsChannel(HOST)],
  ['PSUBSCRIBE', 'booner:*'],
  ['HSET', targetKey(HOST), 'sample', '{}'],
  ['HGETALL', targetKey(HOST)],
  ['DEL', targetKey(HOST)],
  ['HGETALL', 'booner:targets'],
  ['HSET', 'booner:targets', HOST, '{}'],
  ['XADD', queueKey(HOST), '*', 'task', 'x'],
  ['XRANGE', queueKey(HOST), '-', '+'],
  ['XREADGROUP', 'GROUP', 'runner', 'main', 'STREAMS', queueKey(HOST), '>'],
  ['XADD', controlKey(HOST), '*', 'type', 'stop'],
  ['XREADGROUP', 'GROUP', 'runner', 'main', 'STREAMS', controlKey(HOST), '>'],
  ['SET', runnerKey(HOST), '{}'],
  ['GET', runnerKey(HOST)],
  ['DEL', runnerKey(HOST)],
  ['SET', runnerConflictKey(HOST), 'x'],
  ['XRANGE', REPORTS_KEY, '-', '+'],
  ['XREADGROUP', 'GROUP', 'hubs', 'me', 'STREAMS', REPORTS_KEY, '>'],
  ['DEL', REPORTS_KEY],
  ['XTRIM', REPORTS_KEY, 'MAXLEN', '0'],
  ['XREAD', 'STREAMS', 'booner:events', '0'],
  ['XADD', 'booner:events', '*', 'kind', 'ended'],
  ['ZRANGE', 'booner:tasks', '0', '-1'],
  ['HGETALL', 'booner:credentials'],
  ['HGETALL', 'booner:identities'],
  ['XADD', 'booner:audit', '*', 'verb', 'x'],
  ['EVAL', "return redis.call('KEYS', '*')", '0'],
  ['EVAL', `return redis.call('HSET', '${targetKey(HOST)}', 'sample', '{}')`, '0'],
  ['CONFIG', 'GET', '*'],
  ['KEYS', '*'],
  ['SCAN', '0'],
  ['RANDOMKEY'],
  ['DBSIZE'],
  ['SELECT', '1'],
  ['INFO'],
  ['MONITOR'],
  ['CLIENT', 'LIST'],
  ['CLIENT', 'KILL', 'TYPE', 'normal'],
  ['ACL', 'LIST'],
  ['ACL', 'SETUSER', 'me', 'on', 'nopass', '~*', '+@all'],
  ['FLUSHALL'],
  ['SHUTDOWN'],
  ['FUNCTION', 'LIST'],
  ['WAIT', '0', '0'],
];

describe('a stolen key of a host', () => {
  it('of its agent writes its own channel and hash, and nothing else', async () => {
    await using server = await startRedis({ acl: aclOf([HOST, OTHER_HOST]) });
    using thief = await connectThief(server.url, 'agent');
    for (const command of ELSEWHERE)
      expect([command, await thief.tries(...command)]).toEqual([command, 'NOPERM']);
    expect(await thief.tries('MULTI')).toBe('NOPERM');
    for (const key of [queueKey(OTHER_HOST), controlKey(OTHER_HOST), REPORTS_KEY, logKey(makeTask().id)]) {
      expect(await thief.tries('XADD', key, '*', 'a', 'b')).toBe('NOPERM');
    }
    expect(await thief.tries('HSET', targetKey(OTHER_HOST), 'sample', '{}')).toBe('done');
    expect(await thief.tries('HGETALL', targetKey(OTHER_HOST))).toBe('NOPERM');
    expect(await thief.tries('PUBLISH', metricsChannel(OTHER_HOST), '{}')).toBe('done');
  });

  it('of its runner reads the messages to its own host, and writes its presence, its logs and reports', async () => {
    await using server = await startRedis({ acl: aclOf([HOST, OTHER_HOST]) });
    using thief = await connectThief(server.url, 'runner');
    for (const command of ELSEWHERE)
      expect([command, await thief.tries(...command)]).toEqual([command, 'NOPERM']);
    const [own, others] = [makeTask({ host: OTHER_HOST }).id, makeTask({ host: HOST }).id];
    for (const [command, ...args] of [
      ['XADD', '*', 'line', '1'],
      ['XADD', 'MAXLEN', '0', '*', 'line', '1'],
      ['PEXPIRE', '1'],
    ] as [string, ...string[]][]) {
      expect(await thief.tries(command, logKey(others), ...args)).toBe('NOPERM');
      expect(await thief.tries(command, logKey(own), ...args)).toBe('done');
    }
    expect(await thief.tries('XRANGE', logKey(own), '-', '+')).toBe('NOPERM');
    expect(await thief.tries('HGETALL', taskKey(own))).toBe('NOPERM');
    expect(await thief.tries('XADD', queueKey(OTHER_HOST), '*', 'task', 'x')).toBe('NOPERM');
    expect(await thief.tries('XADD', controlKey(OTHER_HOST), '*', 'type', 'stop')).toBe('NOPERM');
    expect(await thief.tries('XADD', REPORTS_KEY, '*', 'report', '{}')).toBe('done');
    expect(await thief.tries('WATCH', runnerKey(HOST))).toBe('NOPERM');
    expect(await thief.tries('MULTI')).toBe('done'); // of the commands that it may use alone
    expect(await thief.tries('SET', runnerKey(HOST), '{}')).toBe('NOPERM');
    expect(await thief.tries('EXEC')).toBe('EXECABORT');
  });
});

describe('reports with a stolen key of another host', () => {
  it('change no task, start none, and send its runner nothing, even for a client that knows the ids of its tasks', async () => {
    await using scene = await startTaskScenario({ acl: aclOf([HOST, OTHER_HOST]) }, ({ url }) => waysTo(url));
    using thief = await connectThief(scene.server.url, 'runner');
    const honest = await scene.startRunner();
    await scene.startRunner(OTHER_RUNNER, OTHER_HOST);
    const running = await scene.create();
    const grant = await honest.start(running.id);
    const queued = await scene.create();
    const tasks = () => Promise.all([running.id, queued.id].map((id) => scene.hub.read(id)));
    const [before, messages] = [
      await tasks(),
      [await honest.messagesAbout(running.id), await honest.messagesAbout(queued.id)],
    ];

    const forged = ['state-cccccc.start-111111', OTHER_RUNNER].flatMap((instance) =>
      [HOST, OTHER_HOST].flatMap((host) => {
        const about = { host, instance, task: running.id, attempt: newAttemptToken(), logLines: 1 };
        return [
          { type: 'hello', host, instance },
          { type: 'claim', host, instance, task: queued.id },
          { type: 'claim', host, instance, task: running.id },
          { ...about, type: 'progress', counter: 1000, progressPercent: 99, message: 'forged' },
          { ...about, type: 'end', outcome: COMPLETED },
        ];
      }),
    );
    for (const report of forged) {
      expect(await thief.tries('XADD', REPORTS_KEY, '*', 'report', JSON.stringify(report))).toBe('done');
    }
    for (const _ of forged) {
      for (const received of await scene.hub.nextReports(1)) await scene.hub.apply(received);
    }
    expect(await scene.redis.xlen(REPORTS_KEY)).toBe(0);
    expect(await tasks()).toEqual(before);
    expect([await honest.messagesAbout(running.id), await honest.messagesAbout(queued.id)]).toEqual(messages);
    expect(await honest.say(honest.endReport(grant))).toEqual({ type: 'applied' });
  });

  it('cannot end the stream of reports by an entry of the last id that there is', async () => {
    await using scene = await startTaskScenario({ acl: aclOf([HOST, OTHER_HOST]) }, ({ url }) => waysTo(url));
    using thief = await connectThief(scene.server.url, 'runner');
    const honest = await scene.startRunner();
    const { id } = await scene.create();
    const last = '18446744073709551615-18446744073709551615';
    expect(await thief.tries('XADD', REPORTS_KEY, last, 'report', '{}')).toBe('done');
    expect(await honest.runner.report(honest.claimReport(id))).toBe('unsent');
    for (const received of await scene.hub.nextReports(10)) await scene.hub.apply(received);
    expect(scene.bus.rejections).toMatchObject([{ detail: expect.stringContaining('was recreated') }]);
    await honest.start(id);
  });
});
