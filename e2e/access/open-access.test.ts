import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { enrollerRules } from '@booner/bus/redis/acl/hub-users';
import { aclFileLine } from '@booner/bus/redis/acl/redis-user';
import { hashSecret } from '@booner/bus/secrets';
import {
  DaemonEndedError,
  eventually,
  freePort,
  type RedisServer,
  startHub,
  startRedis,
} from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { connectOperator } from '../fleet/operator.ts';
import { ask, makeToken, signIn } from './asking.ts';

const HOST = '127.0.0.2';
/** Below a file: a path that not even root can write to. */
const NOWHERE = '/etc/hostname/booner';
const UNREACHABLE_TOKEN = /^Nobody could sign in to this hub\. .*BOONER_STATE_DIR.*ENOTDIR/;

async function refusal(options: Parameters<typeof startHub>[0]) {
  const error = await startHub(options).then(
    async (hub) => {
      await hub[Symbol.asyncDispose]();
      throw new Error('the hub started');
    },
    (reason: unknown) => reason,
  );
  if (error instanceof DaemonEndedError) return error;
  throw error;
}

/** Any client of this Redis may do everything, and an enroller may log in. */
const ACL = [
  'user default on nopass ~* &* +@all',
  aclFileLine(enrollerRules(hashSecret('enroller'))),
  '',
].join('\n');

async function enrollerOf({ directory }: RedisServer) {
  const file = join(directory, 'enroller');
  await writeFile(file, 'enroller');
  return { BOONER_ENROLLER_USERNAME: 'booner-enroller', BOONER_ENROLLER_PASSWORD_FILE: file };
}

/** Starts a hub without sign-in whose Redis user has all rights. */
async function startOpen({ url }: RedisServer) {
  const hub = await startHub({ redisUrl: url });
  await eventually(async () => (await hub.get('/tokens')).status === 200, {
    what: 'the hub to list its tokens without sign-in',
  });
  return hub;
}

describe('a hub on loopback', () => {
  it('is open with a Redis without a password, and closed with one that has a password', async () => {
    await using desk = await startRedis();
    await using _open = await startOpen(desk);
    await using redis = await startRedis({ args: ['--requirepass', 'hunter2'] });
    await using hub = await startHub({ redisUrl: redis.url.replace('//', '//:hunter2@') });
    for (const [method, path, body] of [
      ['GET', '/tokens', undefined],
      ['POST', '/tokens', { name: 'backdoor', role: 'admin' }],
      ['POST', '/targets', { host: HOST }],
    ] as const) {
      expect((await ask(hub, method, path, { body })).status).toBe(401);
    }
  });

  it('is closed if it may create users of hosts, and cannot be opened', async () => {
    await using redis = await startRedis({ acl: ACL });
    const env = await enrollerOf(redis);
    await using hub = await startHub({ redisUrl: redis.url, env });
    expect((await ask(hub, 'POST', '/targets', { body: { host: HOST } })).status).toBe(401);
    const { end, stderr } = await refusal({ redisUrl: redis.url, env, args: ['--insecure'] });
    expect(end.code).toBe(78);
    expect(stderr.join('\n')).toMatch(
      /BOONER_INSECURE: cannot be used with BOONER_ENROLLER_USERNAME.*Remove --insecure/,
    );
  });
});

describe('a credential created while sign-in was not required', () => {
  it('is dropped when authentication starts, which is logged, and replaced by a first token', async () => {
    await using redis = await startRedis();
    const open = await startOpen(redis);
    const { id, token } = await makeToken(open, { name: 'backdoor', role: 'admin', expiresInDays: null });
    const cookie = await signIn(open, token);
    const link = new URL((await ask(open, 'POST', '/auth/links')).json.url).hash.slice('#link='.length);
    const { key } = (await ask(open, 'POST', '/targets', { body: { host: HOST, withTasks: true } })).json;
    await open.stop();
    await open[Symbol.asyncDispose]();

    await using hub = await startHub({ redisUrl: redis.url, auth: 'first' });
    expect((await ask(hub, 'GET', '/tokens', { token })).status).toBe(401);
    expect((await ask(hub, 'GET', '/tokens', { cookie })).status).toBe(401);
    expect((await ask(hub, 'POST', '/auth/session', { body: { token: link } })).status).toBe(401);
    expect((await ask(hub, 'POST', '/enrol', { body: { key, roles: ['agent', 'runner'] } })).status).toBe(
      401,
    );
    const admin = { token: hub.adminToken };
    const { tokens } = (await ask(hub, 'GET', '/tokens', admin)).json;
    expect(tokens.map(({ name }: { name: string }) => name)).toEqual(['first admin']);
    const said = hub.logs().find(({ msg }) => msg.includes('while sign-in was not required were removed'));
    expect(said?.credentials).toEqual(expect.arrayContaining([{ id, kind: 'token', name: 'backdoor' }]));
    await eventually(
      async () => {
        const { entries } = (await ask(hub, 'GET', '/audit', admin)).json;
        return (entries as Record<string, string>[]).some(
          ({ verb, target, detail = '' }) =>
            verb === 'token.remove' &&
            target === id &&
            detail.startsWith('token backdoor: created while sign-in'),
        );
      },
      { what: 'an entry in the audit log' },
    );
    using operator = connectOperator(redis.url);
    expect(await operator.redis.hlen('booner:credentials')).toBe(1);
  });

  it('is rejected by every hub that requires sign-in, even if another hub of its Redis creates it later', async () => {
    await using redis = await startRedis();
    await using hub = await startHub({ redisUrl: redis.url, auth: 'first' });
    const kept = await makeToken(hub, { name: 'kept', role: 'viewer' });
    await using open = await startOpen(redis);
    const { token } = await makeToken(open, { name: 'backdoor', role: 'admin' });
    expect((await ask(hub, 'GET', '/tokens', { token })).status).toBe(401);
    using operator = connectOperator(redis.url);
    await eventually(async () => (await operator.redis.hlen('booner:credentials')) === 2, {
      what: 'the token to be removed',
    });
    expect((await ask(hub, 'GET', '/targets', { token: kept.token })).status).toBe(200);
    expect((await ask(hub, 'GET', '/tokens', { token: hub.adminToken })).status).toBe(200);
  });

  it('adds no host either: its credentials at Redis become no user once a hub may create users', async () => {
    await using redis = await startRedis({ acl: ACL });
    const open = await startOpen(redis);
    const { key } = (await ask(open, 'POST', '/targets', { body: { host: HOST, withTasks: true } })).json;
    const enrolled = await ask(open, 'POST', '/enrol', { body: { key, roles: ['agent', 'runner'] } });
    expect(enrolled.status).toBe(200);
    await open[Symbol.asyncDispose]();
    await using hub = await startHub({ redisUrl: redis.url, env: await enrollerOf(redis), auth: 'first' });
    await eventually(
      () =>
        hub.logs().find(({ msg }) => msg.includes('Redis users of hosts that were enrolled while sign-in')),
      {
        what: 'the hub to say so',
      },
    );
    const { json } = await ask(hub, 'GET', `/targets/${HOST}/identity`, { token: hub.adminToken });
    expect(json).toEqual({ host: HOST, identity: null });
    using operator = connectOperator(redis.url);
    const users = (await operator.redis.call('ACL', 'USERS')) as string[];
    expect([...users].sort()).toEqual(['booner-enroller', 'default']);
  });

  it('is recognized by its creator if an earlier version stored no mark', async () => {
    await using redis = await startRedis();
    const open = await startOpen(redis);
    const { token } = await makeToken(open, { name: 'backdoor', role: 'admin' });
    await open[Symbol.asyncDispose]();
    using operator = connectOperator(redis.url);
    const [[hash, stored] = ['', '{}']] = Object.entries(await operator.redis.hgetall('booner:credentials'));
    const { madeWithoutSignIn: _, ...unmarked } = JSON.parse(stored);
    expect(unmarked.createdBy).toBe('anybody');
    await operator.redis.hset('booner:credentials', hash, JSON.stringify(unmarked));
    await using hub = await startHub({ redisUrl: redis.url, auth: 'first' });
    expect((await ask(hub, 'GET', '/tokens', { token })).status).toBe(401);
  });
});

describe('a hub whose first token nobody could read', () => {
  const required = { BOONER_AUTH: 'required', BOONER_STATE_DIR: NOWHERE };

  it('does not start, and says what to change', async () => {
    for (const env of [
      required,
      { BOONER_TRUSTED_PROXIES: '127.0.0.9', BOONER_STATE_DIR: NOWHERE }, // others reach it
    ]) {
      const { end, stderr } = await refusal({ env });
      expect([end.code, stderr.length]).toEqual([1, 1]);
      expect(stderr[0]).toMatch(UNREACHABLE_TOKEN);
    }
    await using redis = await startRedis();
    expect((await refusal({ redisUrl: redis.url, env: required })).stderr[0]).toMatch(UNREACHABLE_TOKEN);
  });

  it('starts if a token exists', async () => {
    await using redis = await startRedis();
    await using first = await startHub({ redisUrl: redis.url, auth: 'first' });
    await using hub = await startHub({ redisUrl: redis.url, env: required });
    expect((await ask(hub, 'GET', '/tokens', { token: first.adminToken })).status).toBe(200);
  });

  it('waits for an unreachable Redis, and exits if that has no tokens', async () => {
    const port = await freePort();
    await using hub = await startHub({ redisUrl: `redis://127.0.0.1:${port}`, env: required });
    expect((await hub.get('/healthz')).status).toBe(200);
    await using _redis = await startRedis({ port });
    expect(await hub.exited).toEqual({ code: 1, signal: null });
    expect(hub.lines.stderr.at(-1)).toMatch(UNREACHABLE_TOKEN);
  });
});
