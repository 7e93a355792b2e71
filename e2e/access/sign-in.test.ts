import { eventually, type HubProcess, startHub } from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchange, requestText } from '../clients/raw-connection.ts';
import { ask, cookieOf, madeUp, makeToken, revoke, signIn } from './asking.ts';

const DAY_MS = 24 * 3_600_000;
const SECOND_IN_DAYS = 1000 / DAY_MS;

let hub: HubProcess;
beforeAll(async () => {
  hub = await startHub({ auth: 'first' });
});
afterAll(() => hub[Symbol.asyncDispose]());

const statusWith = async (token: string) => (await ask(hub, 'GET', '/targets', { token })).status;

/** From an address of its own, since all failures of one address are counted together. */
const askFrom = (localAddress: string, path: string, headers: Readonly<Record<string, string>>) =>
  exchange(hub.port, requestText(hub.port, path, headers), { localAddress });

describe('a token', () => {
  it('is valid until it is revoked', async () => {
    const { id, token } = await makeToken(hub, { name: 'ci', role: 'viewer' });
    expect(await statusWith(token)).toBe(200);
    await revoke(hub, id);
    const refused = await ask(hub, 'GET', '/targets', { token });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="booner", error="invalid_token"');
    expect((await ask(hub, 'DELETE', `/tokens/${id}`, { token: hub.adminToken })).status).toBe(404);
  });

  it('is valid until it expires', async () => {
    const { token } = await makeToken(hub, {
      name: 'short',
      role: 'viewer',
      expiresInDays: 2 * SECOND_IN_DAYS,
    });
    expect(await statusWith(token)).toBe(200);
    await eventually(async () => (await statusWith(token)) === 401, { what: 'the expiry' });
  });

  it('is listed without its secret, with its last use', async () => {
    const { id, token } = await makeToken(hub, { name: 'listed', role: 'operator', hosts: ['10.0.0.2'] });
    const beforeMs = Date.now();
    expect(await statusWith(token)).toBe(200);
    const { json, headers } = await ask(hub, 'GET', '/tokens', { token: hub.adminToken });
    expect(headers.get('cache-control')).toBe('no-store');
    const listed = json.tokens.find((each: { id: string }) => each.id === id);
    expect(listed).toMatchObject({
      kind: 'token',
      name: 'listed',
      subject: 'listed',
      role: 'operator',
      scopes: { hosts: ['10.0.0.2'], actions: null },
      createdBy: expect.stringMatching(/^[\w-]{12} first admin$/),
      parentId: null,
    });
    expect(listed.expiresAtMs - listed.createdAtMs).toBe(90 * DAY_MS);
    expect(listed.lastUsedAtMs).toBeGreaterThanOrEqual(beforeMs);
    expect(JSON.stringify(json)).not.toContain(token);
  });

  it('is refused if it is made up or malformed, and ignored in a URL or a cookie', async () => {
    const from = '127.0.0.20';
    for (const header of [`Bearer ${madeUp()}`, 'Bearer x', `bearer ${madeUp('b')}`]) {
      expect((await askFrom(from, '/targets', { Authorization: header })).status).toBe(401);
    }
    for (const path of [`/targets?token=${hub.adminToken}`, `/targets?access_token=${hub.adminToken}`]) {
      expect((await askFrom(from, path, {})).status).toBe(401);
    }
    expect((await askFrom(from, '/targets', { Cookie: `booner_session=${hub.adminToken}` })).status).toBe(
      401,
    );
    const basic = Buffer.from(`x:${hub.adminToken}`).toString('base64');
    expect((await askFrom(from, '/targets', { Authorization: `Basic ${basic}` })).status).toBe(401);
  });

  it('is useless to a page of another site, and to a name that was pointed at this hub', async () => {
    const authorization = `Bearer ${hub.adminToken}`;
    const from = '127.0.0.21';
    const foreign: Record<string, string>[] = [{ Origin: 'http://evil.example' }, { Host: 'evil.example' }];
    for (const headers of foreign) {
      const answer = await askFrom(from, '/targets', { Authorization: authorization, ...headers });
      expect(answer.status).toBe(403);
    }
  });
});

describe('guessing', () => {
  it('is blocked after ten attempts a minute, only for the guesser, and never with a valid token', async () => {
    const from = '127.0.0.30';
    const guess = (seed: string) => askFrom(from, '/targets', { Authorization: `Bearer ${madeUp(seed)}` });
    const first = await Promise.all(Array.from({ length: 10 }, (_, n) => guess(`guess${n}`)));
    expect(first.map(({ status }) => status)).toEqual(first.map(() => 401));
    const limited = await guess('one-too-many');
    expect(limited.status).toBe(429);
    expect(Number(/^retry-after: (\d+)/im.exec(limited.head)?.[1])).toBeGreaterThan(30);
    const good = { Authorization: `Bearer ${hub.adminToken}` };
    expect((await askFrom(from, '/targets', good)).status).toBe(200);
    expect((await askFrom('127.0.0.31', '/targets', { Authorization: `Bearer ${madeUp()}` })).status).toBe(
      401,
    );
    expect((await askFrom(from, '/healthz', {})).status).toBe(200);
  });

  it('counts at sign-in, too', async () => {
    await using lonely = await startHub({ auth: 'first' });
    const attempt = (token: string) => ask(lonely, 'POST', '/auth/session', { body: { token } });
    const first = await Promise.all(Array.from({ length: 10 }, (_, n) => attempt(madeUp(`guess${n}`))));
    expect(first.map(({ status }) => status)).toEqual(first.map(() => 401));
    expect((await attempt(madeUp('more'))).status).toBe(429);
    expect((await attempt(lonely.adminToken)).status).toBe(200);
    expect((await ask(lonely, 'GET', '/auth', { token: madeUp('again') })).status).toBe(429);
  });

  it('does not include a program that keeps sending an expired token', async () => {
    const { id, token } = await makeToken(hub, { name: 'stubborn', role: 'viewer' });
    await revoke(hub, id);
    const statuses = await Promise.all(Array.from({ length: 15 }, () => statusWith(token)));
    expect(statuses).toEqual(statuses.map(() => 401));
  });
});

describe('a browser', () => {
  it('signs in with a token, for a cookie that no script and no other site can read', async () => {
    const { id, token } = await makeToken(hub, { name: 'anna', role: 'operator' });
    const answer = await ask(hub, 'POST', '/auth/session', { body: { token } });
    const [set = ''] = answer.headers.getSetCookie();
    expect(set).toMatch(/^booner_session=bnr_[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(set).not.toContain(token);
    expect(answer.json).toMatchObject({
      required: true,
      signedIn: { subject: 'anna', role: 'operator', kind: 'session' },
    });
    expect(JSON.stringify(answer.json)).not.toMatch(/bnr_/);
    const cookie = cookieOf(answer);
    expect((await ask(hub, 'GET', '/targets', { cookie })).status).toBe(200);
    const { json } = await ask(hub, 'GET', '/auth', { cookie });
    expect(json).toMatchObject({
      signedIn: { subject: 'anna', credentialId: expect.not.stringMatching(id) },
    });
    expect((await ask(hub, 'GET', '/tokens', { cookie })).status).toBe(403);
    const listing = await ask(hub, 'GET', '/tokens', { token: hub.adminToken });
    const used = listing.json.tokens.find((each: { id: string }) => each.id === id);
    expect(used.lastUsedAtMs).toBeGreaterThanOrEqual(used.createdAtMs);
  });

  it("can change something with its cookie only from the hub's own pages", async () => {
    const cookie = await signIn(hub, hub.adminToken);
    const post = (headers: Readonly<Record<string, string>>) =>
      ask(hub, 'POST', '/tokens', { cookie, headers, body: { name: 'forged', role: 'viewer' } });
    const foreign: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'http://evil.example' },
      { origin: 'http://127.0.0.1:1' },
      { 'sec-fetch-site': 'cross-site', origin: hub.url },
    ];
    for (const headers of foreign) {
      expect((await post(headers)).status, JSON.stringify(headers)).toBe(403);
    }
    expect((await post({ 'sec-fetch-site': 'same-origin', origin: hub.url })).status).toBe(201);
    expect((await post({ origin: hub.url })).status).toBe(201);
    const out = await ask(hub, 'DELETE', '/auth/session', {
      cookie,
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(out.status).toBe(403);
    expect((await ask(hub, 'GET', '/targets', { cookie })).status).toBe(200);
  });

  it('signs out, here or everywhere, and ends with its token', async () => {
    const { id, token } = await makeToken(hub, { name: 'ben', role: 'viewer' });
    const [first, second, third] = [
      await signIn(hub, token),
      await signIn(hub, token),
      await signIn(hub, token),
    ] as const;
    const other = await signIn(hub, hub.adminToken);
    const statuses = () =>
      Promise.all(
        [first, second, third, other].map(
          async (cookie) => (await ask(hub, 'GET', '/agents', { cookie })).status,
        ),
      );
    expect(await statuses()).toEqual([200, 200, 200, 200]);
    const out = await ask(hub, 'DELETE', '/auth/session', { cookie: first });
    expect(out.json.revoked).toHaveLength(1);
    expect(out.headers.getSetCookie()[0]).toMatch(/^booner_session=; Max-Age=0; Path=\//);
    expect(await statuses()).toEqual([401, 200, 200, 200]);
    expect((await ask(hub, 'DELETE', '/auth/sessions', { cookie: second })).json.revoked).toHaveLength(2);
    expect(await statuses()).toEqual([401, 401, 401, 200]);
    const again = await signIn(hub, token);
    const revoked = await ask(hub, 'DELETE', `/tokens/${id}`, { token: hub.adminToken });
    expect(revoked.json.revoked).toHaveLength(2);
    expect((await ask(hub, 'GET', '/agents', { cookie: again })).status).toBe(401);
    expect((await ask(hub, 'GET', '/agents', { cookie: other })).status).toBe(200);
  });

  it('gets a new session that replaces its old one', async () => {
    const { token } = await makeToken(hub, { name: 'carla', role: 'viewer' });
    const old = await signIn(hub, token);
    const next = cookieOf(await ask(hub, 'POST', '/auth/session', { cookie: old, body: { token } }));
    expect((await ask(hub, 'GET', '/agents', { cookie: old })).status).toBe(401);
    expect((await ask(hub, 'GET', '/agents', { cookie: next })).status).toBe(200);
  });

  it('is signed in no longer than its token is valid', async () => {
    const { token } = await makeToken(hub, {
      name: 'guest',
      role: 'viewer',
      expiresInDays: 2 * SECOND_IN_DAYS,
    });
    const cookie = await signIn(hub, token);
    await eventually(async () => (await ask(hub, 'GET', '/agents', { cookie })).status === 401, {
      what: 'the end of the session',
    });
  });

  it('signs in once with a link, the first of fifty, and a link is useless for anything else', async () => {
    const made = await ask(hub, 'POST', '/auth/links', {
      token: hub.adminToken,
      body: { name: 'dora', role: 'viewer' },
    });
    expect(made.status).toBe(201);
    const url = new URL(made.json.url);
    expect(url.href).toMatch(new RegExp(`^${hub.url}/dashboard/sign-in#link=bnr_[\\w-]{43}$`));
    expect(made.json.expiresAtMs - Date.now()).toBeLessThanOrEqual(15 * 60_000);
    const link = url.hash.replace('#link=', '');
    expect((await askFrom('127.0.0.40', '/targets', { Authorization: `Bearer ${link}` })).status).toBe(401);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => ask(hub, 'POST', '/auth/session', { body: { token: link } })),
    );
    const winners = answers.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(49);
    expect(winners[0]?.json.signedIn).toMatchObject({ subject: 'dora', role: 'viewer' });
    expect((await ask(hub, 'GET', '/agents', { cookie: cookieOf(winners[0]!) })).status).toBe(200);
  });
});

describe('the audit log', () => {
  it('names who did what, from where and with which verdict, and contains no secret, like every log', async () => {
    await using own = await startHub({ auth: 'first' });
    const { id, token } = await makeToken(own, { name: 'eva', role: 'viewer' });
    const cookie = await signIn(own, token);
    await ask(own, 'POST', '/tasks', { token, body: { host: '127.0.0.1', action: 'ping' } });
    await ask(own, 'GET', '/targets', { token: madeUp('secret') });
    const external = { host: '127.0.0.1', action: 'outside', external: true };
    const { json: task } = await ask(own, 'POST', '/tasks', { token: own.adminToken, body: external });
    await ask(own, 'POST', `/tasks/${task.task_id}/cancel`, { token: own.adminToken });
    await revoke(own, id);
    const { signedIn } = (await ask(own, 'GET', '/auth', { token: own.adminToken })).json;
    const [admin, eva] = [`${signedIn.credentialId} first admin`, `${id} eva`];
    const kept = await ask(own, 'GET', `/tasks/${task.task_id}?version=2`, { token: own.adminToken });
    expect(kept.json.createdBy).toBe(admin);
    const page = await eventually(
      async () => {
        const { json } = await ask(own, 'GET', '/audit?limit=50', { token: own.adminToken });
        return json.entries[0].verb === 'token.revoke' && json;
      },
      { what: 'the last entry' },
    );
    const told = page.entries.map(({ verb, subject, verdict, target }: Record<string, unknown>) => ({
      verb,
      subject,
      verdict,
      target,
    }));
    expect(told).toEqual([
      { verb: 'token.revoke', subject: admin, verdict: 'allowed', target: id },
      { verb: 'task.cancel', subject: admin, verdict: 'allowed', target: task.task_id },
      { verb: 'task.create', subject: admin, verdict: 'allowed', target: '127.0.0.1' },
      { verb: 'authenticate', subject: null, verdict: 'denied', target: '/targets' },
      { verb: 'task.create', subject: eva, verdict: 'denied', target: '/tasks' },
      { verb: 'sign_in', subject: eva, verdict: 'allowed', target: expect.any(String) },
      { verb: 'token.create', subject: admin, verdict: 'allowed', target: id },
    ]);
    expect(page.entries.every(({ address }: { address: string }) => address === '127.0.0.1')).toBe(true);
    const older = await ask(own, 'GET', `/audit?limit=2&before=${page.entries[1].id}`, {
      token: own.adminToken,
    });
    expect(older.json.entries.map(({ id: each }: { id: string }) => each)).toEqual([
      page.entries[2].id,
      page.entries[3].id,
    ]);
    expect((await ask(own, 'GET', '/audit?before=x', { token: own.adminToken })).status).toBe(400);
    await own.stop();
    const said = [...own.lines.stdout, ...own.lines.stderr].join('\n');
    for (const text of [said, JSON.stringify(page)]) {
      expect(text).not.toMatch(/bnr_/);
      expect(text).not.toContain(cookie.split('=')[1]);
    }
    expect(said).toContain('a request was refused');
  });
});
