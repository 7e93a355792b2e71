import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hubRules } from '@booner/bus/redis/acl/hub-users';
import { aclFileLine } from '@booner/bus/redis/acl/redis-user';
import { hashSecret } from '@booner/bus/secrets';
import { eventually, startHub, startRedis } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { startEnrolledBed } from './enrolled-bed.ts';

const HOST = '127.0.0.2';
const OTHER = '127.0.0.3';

/** Commands that a stolen key of one host could try against another host, or against all. */
const attemptsOn = (host: string): readonly (readonly string[])[] => [
  ['PUBLISH', `booner:metrics:${host}`, '{"type":"bye"}'],
  ['PUBLISH', 'booner:removals', host],
  ['PUBLISH', 'booner:registrations', '{}'],
  ['HSET', `booner:target:${host}`, 'sample', '{}'],
  ['HGETALL', `booner:target:${host}`],
  ['DEL', `booner:target:${host}`],
  ['XADD', `booner:queue:${host}`, '*', 'task', 'x'],
  ['XREADGROUP', 'GROUP', 'runner', 'main', 'STREAMS', `booner:queue:${host}`, '>'],
  ['XADD', `booner:control:${host}`, '*', 'type', 'stop'],
  ['SET', `booner:runner:${host}`, '{}'],
  ['GET', `booner:runner:${host}`],
  ['HSET', 'booner:targets', host, '{}'],
  ['HGETALL', 'booner:credentials'],
  ['HGETALL', 'booner:identities'],
  ['SUBSCRIBE', `booner:metrics:${host}`],
  ['PSUBSCRIBE', '*'],
  ['EVAL', `return redis.call('HSET', 'booner:target:${host}', 'sample', '{}')`, '0'],
  ['CONFIG', 'GET', '*'],
  ['ACL', 'SETUSER', 'me', 'on', 'nopass', '~*', '+@all'],
  ['KEYS', '*'],
  ['FLUSHALL'],
];

describe.concurrent('the key of a host', () => {
  it('reaches only its own names with redis-cli, and is flagged when it is used twice', async () => {
    await using bed = await startEnrolledBed();
    const handed = await bed.enrolHost({ host: HOST, withTasks: true });
    const other = await bed.enrolHost({ host: OTHER });
    const agent = await bed.startAgent(handed);
    await bed.startAgent(other);
    for (const host of [HOST, OTHER]) await bed.untilStatus(host, 'active');

    for (const role of ['AGENT', 'RUNNER']) {
      const login = {
        username: handed[`${role}_USERNAME`] ?? '',
        password: handed[`${role}_PASSWORD`] ?? '',
      };
      expect(await bed.redisCli(login, 'PING')).toBe('PONG');
      for (const attempt of attemptsOn(OTHER)) {
        expect([role, ...attempt, await bed.redisCli(login, ...attempt)]).toEqual([
          ...[role, ...attempt],
          expect.stringMatching(/^NOPERM /),
        ]);
      }
    }
    const target = async (host: string) => (await bed.asAdmin('GET', `/targets/${host}`)).json;
    for (const host of [HOST, OTHER]) {
      const { sample } = await target(host);
      await eventually(async () => (await target(host)).sample.sequence > sample.sequence, {
        what: 'its own work to go on',
      });
      expect(await target(host)).toMatchObject({ status: 'active', conflictingInstances: null });
    }

    const clone = await bed.startAgent(handed);
    const flagged = await eventually(async () => (await target(HOST)).conflictingInstances, {
      what: 'the second use of the key to be flagged',
    });
    expect([...flagged].sort()).toEqual([agent.instance, clone.instance].sort());
    expect((await target(OTHER)).conflictingInstances).toBeNull();
  });
});

describe.concurrent('a refusal of Redis', () => {
  it('is explained: rights that a hub lacks, and a password that an agent lost', async () => {
    await using bed = await startEnrolledBed();
    const handed = await bed.enrolHost({ host: HOST });
    const agent = await bed.startAgent({ ...handed, AGENT_PASSWORD: randomBytes(32).toString('base64url') });
    await eventually(
      () =>
        agent
          .logs()
          .some(({ reason }) =>
            /^Redis does not accept the user name or password: .*\(WRONGPASS\)$/.test(String(reason)),
          ),
      {
        what: 'the agent to report the problem',
      },
    );

    const password = randomBytes(32).toString('base64url');
    const passwordFile = join(bed.directory, 'old-hub');
    await writeFile(passwordFile, password);
    const outdated = aclFileLine(hubRules(hashSecret(password))).replace(' +zadd', '');
    await using redis = await startRedis({ acl: `${outdated}\n` });
    await using hub = await startHub({
      redisUrl: redis.url,
      env: { REDIS_USERNAME: 'booner-hub', REDIS_PASSWORD_FILE: passwordFile },
    });
    const ready = await eventually(
      async () => {
        const response = await hub.get('/readyz');
        const { reason } = (await response.json()) as { reason: string };
        return response.status === 503 && reason.includes('NOPERM') ? reason : null;
      },
      { what: 'the reason' },
    );
    expect(ready).toMatch(/may not ZADD booner:tasks.*docs\/redis\.md/);
  });
});

describe.concurrent('the users of hosts that were enrolled with an earlier version', () => {
  it('get the rights of this one when the hub starts', async () => {
    await using bed = await startEnrolledBed();
    const handed = await bed.enrolHost({ host: HOST, withTasks: true });
    const user = handed.RUNNER_USERNAME ?? '';
    using operator = bed.connectOperator();
    const rightsOf = async () => JSON.stringify(await operator.redis.acl('GETUSER', user));
    expect(await rightsOf()).toContain('+watch');
    await operator.redis.acl('SETUSER', user, 'clearselectors', '-multi', '-exec', '-unwatch');
    expect(await rightsOf()).not.toContain('+watch');
    await bed.hub.stop();
    await bed.hub.restart();
    await eventually(async () => (await rightsOf()).includes('+watch'), {
      what: 'the user to be recreated',
    });
  });
});
