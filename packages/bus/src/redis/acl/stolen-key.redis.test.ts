import { newAttemptToken, START_CURSOR } from '@booner/protocol';
import {
  artefactHubsKey,
  artefactKey,
  controlKey,
  INVALIDATION_CHANNEL,
  logKey,
  metricsChannel,
  queueKey,
  REPORTS_KEY,
  reportsKey,
  runnerConflictKey,
  runnerKey,
  targetKey,
  taskKey,
} from '@booner/protocol/redis-names';
import { startRedis } from '@booner/testkit';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { newTaskIdOf } from '../../host-tasks.ts';
import { HOST, OTHER_HOST } from '../../testing/contract/sample-factory.ts';
import { COMPLETED, makeTask, OTHER_RUNNER } from '../../testing/contract/task-factory.ts';
import { until } from '../../testing/contract/task-scenario.ts';
import { startApplying, startTaskScenario } from '../../testing/test-task-bus.ts';
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
  ['XADD', reportsKey(HOST), '*', 'report', '{}'],
  ['XADD', reportsKey(HOST), 'MAXLEN', '0', '*', 'report', '{}'],
  ...[REPORTS_KEY, reportsKey(HOST), reportsKey(OTHER_HOST)].flatMap((key): [string, ...string[]][] => [
    ['XRANGE', key, '-', '+'],
    ['XREADGROUP', 'GROUP', 'hubs', 'me', 'STREAMS', key, '>'],
    ['XGROUP', 'DESTROY', key, 'hubs'],
    ['XDEL', key, '1-1'],
    ['DEL', key],
    ['UNLINK', key],
    ['XTRIM', key, 'MAXLEN', '0'],
  ]),
  ['CLIENT', 'TRACKING', 'ON', 'BCAST'],
  ['SUBSCRIBE', INVALIDATION_CHANNEL],
  ['PUBLISH', INVALIDATION_CHANNEL, reportsKey(HOST)],
  ...[
    ...['booner:alert-rules', 'booner:alert-channels', 'booner:silences', 'booner:quiet-hours'],
    ...['booner:heartbeats', 'booner:heartbeats:seen', 'booner:alerts:0', 'booner:alert-groups:0'],
    ...['booner:schedules', 'booner:secrets', 'booner:secrets:sealed'],
  ].flatMap((key): [string, ...string[]][] => [
    ['HGETALL', key],
    ['HSET', key, 'name', '{}'],
    ['DEL', key],
  ]),
  ['RPUSH', 'booner:alert-group-inputs:0', '{}'],
  ['LRANGE', 'booner:alert-group-inputs:0', '0', '-1'],
  ['XADD', 'booner:alert-events', '*', 'type', 'alerts'],
  ['XREAD', 'STREAMS', 'booner:alert-events', '0'],
  ['XADD', 'booner:alert-episodes', '*', 'episode', '{}'],
  ['XRANGE', 'booner:alert-episodes', '-', '+'],
  ['GETDEL', 'booner:alert-link:0'],
  ['SET', 'booner:alert-link:0', '[]'],
  ['XADD', 'booner:outbox', '*', 'channel', 'ops'],
  ['XRANGE', 'booner:outbox', '-', '+'],
  ['XREADGROUP', 'GROUP', 'hubs', 'me', 'STREAMS', 'booner:outbox', '>'],
  ['ZADD', 'booner:outbox:later', '1', '{}'],
  ['ZRANGE', 'booner:outbox:later', '0', '-1'],
  ['HGETALL', 'booner:outbox:dead'],
  ['HSET', 'booner:outbox:held', 'ops', '0'],
  ['RPUSH', 'booner:outbox:held:ops', '{}'],
  ['INCR', 'booner:outbox:rate:ops'],
  ['XREAD', 'STREAMS', 'booner:events', '0'],
  ['GET', artefactKey(newTaskIdOf(OTHER_HOST), 0)],
  ['SET', artefactKey(newTaskIdOf(HOST), 0), 'x'],
  ['SADD', artefactHubsKey(newTaskIdOf(OTHER_HOST)), 'x'],
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
    const streams = [queueKey(OTHER_HOST), controlKey(OTHER_HOST), logKey(makeTask().id)];
    for (const key of [...streams, REPORTS_KEY, reportsKey(OTHER_HOST)]) {
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
    for (const key of [REPORTS_KEY, reportsKey(OTHER_HOST)]) {
      expect(await thief.tries('XADD', key, '*', 'report', '{}')).toBe('done');
    }
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
    const streams = [REPORTS_KEY, reportsKey(OTHER_HOST)];
    for (const report of forged) {
      for (const key of streams) {
        expect(await thief.tries('XADD', key, '*', 'report', JSON.stringify(report))).toBe('done');
      }
    }
    await until('all to be applied', async () => {
      for (const received of await scene.hub.nextReports(20)) await scene.hub.apply(received);
      return (await Promise.all(streams.map((key) => scene.redis.xlen(key)))).every((left) => left === 0);
    });
    expect(await tasks()).toEqual(before);
    expect([await honest.messagesAbout(running.id), await honest.messagesAbout(queued.id)]).toEqual(messages);
    expect(await honest.say(honest.endReport(grant))).toEqual({ type: 'applied' });
  });

  it('cannot end a stream of reports by an entry of the last id that there is', async () => {
    await using attack = await startAttack();
    const { scene, thief } = attack;
    const last = '18446744073709551615-18446744073709551615';
    for (const key of [REPORTS_KEY, reportsKey(OTHER_HOST)]) {
      const report = () => thief.tries('XADD', key, '*', 'report', '{}');
      expect(await thief.tries('XADD', key, last, 'report', '{}')).toBe('done');
      expect(await report()).toBe('ERR');
      await until('the stream to start over', async () => {
        await scene.hub.takeOverReports(60_000, 10);
        return (await report()) === 'done';
      });
    }
    await attack.untilGranted();
  });
});

/**
 * Starts a hub that applies what comes, an honest runner, and a thief with the key of another host.
 */
async function startAttack() {
  await using stack = new AsyncDisposableStack();
  const acl = aclOf([HOST, OTHER_HOST]);
  const scene = stack.use(await startTaskScenario({ acl }, ({ url }) => waysTo(url)));
  const thief = stack.use(await connectThief(scene.server.url, 'runner'));
  const honest = await scene.startRunner();
  stack.use(startApplying(await scene.startHub()));
  const owned = stack.move();
  return {
    scene,
    thief,
    /** The honest runner claims a task, and is granted it. */
    untilGranted: async () => {
      const { id } = await scene.create();
      await honest.send(honest.claimReport(id));
      await until('the grant', () =>
        honest.control.some(({ type, task }) => type === 'grant' && task === id),
      );
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe('a stolen key of a runner', () => {
  const MEGABYTE = 'x'.repeat(1_000_000);
  const poison = Array.from({ length: 32 }, (_, index) => [`field ${index}`, MEGABYTE]).flat();

  it.each([
    ['its own stream of reports', reportsKey(OTHER_HOST)],
    ['that of older runners', REPORTS_KEY],
  ])('gets no entry of 32 MB in %s to a hub', async (_, key) => {
    await using attack = await startAttack();
    const { scene, thief } = attack;
    expect(await thief.tries('XADD', key, '*', ...poison)).toBe('done');
    await attack.untilGranted();
    await until('it to be gone', async () => (await scene.redis.xlen(key)) === 0);
    const host = key === REPORTS_KEY ? null : OTHER_HOST;
    expect(scene.bus.rejections).toMatchObject([{ reason: 'oversized', host }]);
    expect(scene.bus.rejections[0]?.detail).toContain('had 1 entries');
  });

  it('costs Redis no more than some reports of its host when it floods their stream', async () => {
    await using attack = await startAttack();
    const { scene, thief } = attack;
    const key = reportsKey(OTHER_HOST);
    for (const [count, text] of [
      [5000, '{}'],
      [500, 'x'.repeat(30_000)],
    ] as const) {
      await Promise.all(Array.from({ length: count }, () => thief.tries('XADD', key, '*', 'report', text)));
    }
    await attack.untilGranted();
    expect((await scene.redis.memory('USAGE', key)) ?? 0).toBeLessThan(2 * 1024 * 1024);
    const reasons = new Set(scene.bus.rejections.map(({ reason, host }) => `${reason} ${host}`));
    expect([...reasons]).toEqual([`oversized ${OTHER_HOST}`]);
  });

  it('gets no entry of 32 MB in a log of its tasks to a hub, also by a claim', async () => {
    await using scene = await startTaskScenario({ acl: aclOf([HOST, OTHER_HOST]) }, ({ url }) => waysTo(url));
    using thief = await connectThief(scene.server.url, 'runner');
    const runner = await scene.startRunner(OTHER_RUNNER, OTHER_HOST);
    const { id } = await scene.create({ host: OTHER_HOST });
    const key = logKey(id);
    const line = (number: number) => ['line', `${number}`, 'stream', 'stdout', 'text', `line ${number}`];
    const fill = async () => {
      for (const entry of [line(1), poison, line(2)]) {
        expect(await thief.tries('XADD', key, '*', ...entry)).toBe('done');
      }
    };
    const second = { line: 2, stream: 'stdout', text: 'line 2' };
    const read = [
      async () => (await scene.hub.readLogTail(id, 10)).lines,
      async () => (await scene.hub.readLog(id, { afterLine: 0 }, 10)).lines,
      async () =>
        (await scene.hub.readLogs(new Map([[id, { afterLine: 0, after: START_CURSOR }]]), 10)).get(id)?.lines,
    ];
    for (const [index, lines] of read.entries()) {
      await fill();
      expect(await lines()).toEqual([second]);
      expect(scene.bus.rejections).toHaveLength(index + 1);
      await scene.redis.del(key);
    }
    // One that the log has room for is dropped alone.
    const small = poison.slice(0, 16);
    for (const entry of [line(1), small, line(2)]) await thief.tries('XADD', key, '*', ...entry);
    expect((await scene.hub.readLogTail(id, 10)).lines).toMatchObject([{ line: 1 }, { line: 2 }]);
    expect(scene.bus.rejections.at(-1)).toMatchObject({ reason: 'oversized' });
    await thief.tries('XADD', key, '*', ...small);
    expect((await runner.start(id)).logLines).toBe(2);
    expect(await scene.redis.xlen(key)).toBe(2);
  });

  it('gets no presence of 32 MB to a hub', async () => {
    await using scene = await startTaskScenario({ acl: aclOf([HOST, OTHER_HOST]) }, ({ url }) => waysTo(url));
    using thief = await connectThief(scene.server.url, 'runner');
    const sentBytes = async () =>
      Number(/^total_net_output_bytes:(\d+)/m.exec(await scene.redis.info('stats'))?.[1]);
    expect(await thief.tries('SET', runnerKey(OTHER_HOST), 'x'.repeat(32_000_000))).toBe('done');
    const before = await sentBytes();
    expect(await scene.hub.readRunner(OTHER_HOST)).toBeNull();
    expect(await scene.hub.findRunners()).toEqual([]);
    expect((await sentBytes()) - before).toBeLessThan(1_000_000);
    expect(scene.bus.rejections.map(({ reason, host }) => `${reason} ${host}`)).toEqual([
      `oversized ${OTHER_HOST}`,
      `oversized ${OTHER_HOST}`,
    ]);
  });
});
