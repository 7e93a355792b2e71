import { once } from 'node:events';
import { V2_SUBPROTOCOL } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ask, cookieOf, makeToken, revoke, signIn } from './asking.ts';
import { startEnrolledBed } from './enrolled-bed.ts';

const HOST = '127.0.0.2';
const OTHER = '127.0.0.3';
const FIRST_ADMIN = expect.stringMatching(/^[\w-]{12} first admin$/);

type Bed = Awaited<ReturnType<typeof startEnrolledBed>>;

const ping = (bed: Bed, handed: Readonly<Record<string, string>>, role = 'AGENT') =>
  bed.redisCli(
    { username: handed[`${role}_USERNAME`] ?? '', password: handed[`${role}_PASSWORD`] ?? '' },
    'PING',
  );
const untilAudited = (bed: Bed, verb: string, target: string, detail: string | RegExp) =>
  eventually(
    async () => {
      const { entries } = (await bed.asAdmin('GET', '/audit')).json;
      return (entries as Record<string, string>[]).some(
        (each) =>
          each.verb === verb &&
          each.target === target &&
          (typeof detail === 'string' ? each.detail === detail : detail.test(each.detail ?? '')),
      );
    },
    { what: `${verb} of ${target} in the audit log: ${detail}` },
  );

describe('a credential whose parent has ended', () => {
  it('is invalid at once and on every hub: an enrolment key, a link, a ticket', async () => {
    await using bed = await startEnrolledBed({ hubs: 2 });
    const [first, second] = bed.hubs as [Bed['hub'], Bed['hub']];
    const enrolled = await bed.enrolHost({ host: OTHER, withTasks: true });
    for (const makerOf of [
      async (token: string) => ({ token }),
      async (token: string) => ({ cookie: await signIn(first, token) }), // its token is what lasts
    ]) {
      const { id, token } = await makeToken(first, { name: 'leaked', role: 'admin' });
      const maker = await makerOf(token);
      const keys: string[] = [];
      for (const target of [{ host: HOST }, { host: OTHER, withTasks: true, replace: true }]) {
        const added = await ask(first, 'POST', '/targets', { ...maker, body: target });
        expect(added.status).toBe(201);
        keys.push(added.json.key);
      }
      const link = new URL((await ask(first, 'POST', '/auth/links', maker)).json.url).hash.slice(
        '#link='.length,
      );
      const { ticket } = (await ask(first, 'POST', '/auth/tickets', maker)).json;
      await revoke(first, id);
      // The other hub may not know it yet.
      for (const key of keys) {
        const { status, json } = await ask(second, 'POST', '/enrol', { body: { key, roles: ['agent'] } });
        expect(status).toBe(401);
        expect(json.detail).toMatch(/has expired or was revoked, so the/);
      }
      const asked = await ask(second, 'POST', '/auth/session', { body: { token: link } });
      expect([asked.status, cookieOf(asked)]).toEqual([401, '']);
      const socket = new WebSocket(`${first.wsUrl}/ws/system/status`, [V2_SUBPROTOCOL, ticket]);
      socket.on('error', () => {});
      const [asking, answer] = await once(socket, 'unexpected-response');
      expect(answer.statusCode).toBe(401);
      asking.destroy();
    }
    expect(await ping(bed, enrolled, 'RUNNER')).toBe('PONG');
    await untilAudited(bed, 'target.enrol', HOST, 'the credential that created its key has ended');
  });

  it('does not affect those of another parent, or of a browser that has signed out since', async () => {
    await using bed = await startEnrolledBed();
    const { token } = await makeToken(bed.hub, { name: 'ops', role: 'admin' });
    const cookie = await signIn(bed.hub, token);
    const { key } = (await ask(bed.hub, 'POST', '/targets', { cookie, body: { host: HOST } })).json;
    expect((await ask(bed.hub, 'DELETE', '/auth/session', { cookie })).status).toBe(200);
    expect((await bed.enrol(key)).status).toBe(200);
  });
});

describe('a host that has an identity', () => {
  it('keeps it unless an admin replaces it, which is logged and shown', async () => {
    await using bed = await startEnrolledBed();
    const handed = await bed.enrolHost({ host: HOST });
    const shown = async () => (await bed.asAdmin('GET', `/targets/${HOST}/identity`)).json;
    expect(await shown()).toMatchObject({
      host: HOST,
      identity: { agent: true, runner: false, enrolledBy: FIRST_ADMIN, isReplacement: false },
    });
    const refused = await bed.asAdmin('POST', '/targets', { host: HOST, withTasks: true });
    expect(refused).toMatchObject({
      status: 409,
      json: {
        title: 'Already enrolled',
        detail: expect.stringContaining(`booner target add ${HOST} --replace`),
        errors: [{ pointer: '/replace', detail: expect.any(String) }],
      },
    });
    expect(await ping(bed, handed)).toBe('PONG');

    const again = await bed.enrolHost({ host: HOST, withTasks: true, replace: true });
    expect(await ping(bed, handed)).toContain('WRONGPASS');
    expect([await ping(bed, again), await ping(bed, again, 'RUNNER')]).toEqual(['PONG', 'PONG']);
    expect((await shown()).identity).toMatchObject({ runner: true, isReplacement: true });
    await untilAudited(bed, 'target.add', HOST, 'already enrolled, and a replacement was not allowed');
    await untilAudited(bed, 'target.add', HOST, 'with tasks, to replace its identity');
    await untilAudited(bed, 'target.enrol', HOST, /^replaced 127\.0\.0\.2, added by [\w-]{12} first admin$/);

    expect((await bed.asAdmin('DELETE', `/targets/${HOST}`)).status).toBe(200);
    expect(await shown()).toEqual({ host: HOST, identity: null });
    await bed.enrolHost({ host: HOST });
    expect((await shown()).identity).toMatchObject({ isReplacement: false });
  });

  it('is not replaced by a key that is older than the identity, whatever the clocks say', async () => {
    await using bed = await startEnrolledBed();
    const { key: early } = await bed.add({ host: HOST, withTasks: true });
    const handed = await bed.enrolHost({ host: HOST });
    // As stored by another hub whose clock is behind.
    using operator = bed.connectOperator();
    const identity = JSON.parse((await operator.redis.hget('booner:identities', HOST)) ?? '{}');
    await operator.redis.hset('booner:identities', HOST, JSON.stringify({ ...identity, enrolledAtMs: 1 }));
    const { status, text } = await bed.enrol(early, ['agent', 'runner']);
    expect([status, text]).toEqual([409, expect.stringContaining('--replace')]);
    expect(await ping(bed, handed)).toBe('PONG');
  });
});
