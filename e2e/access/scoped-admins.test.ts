import { eventually, type HubProcess } from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, type MadeToken, makeToken, signIn } from './asking.ts';
import { startEnrolledBed } from './enrolled-bed.ts';

const HOST = '127.0.0.2';
const OTHER = '127.0.0.3';
const SECOND_IN_DAYS = 1 / 86_400;

const stack = new AsyncDisposableStack();
let hub: HubProcess;
let hubs: readonly HubProcess[];
beforeAll(async () => {
  const bed = stack.use(await startEnrolledBed({ hubs: 2 }));
  ({ hub, hubs } = bed);
});
afterAll(() => stack.disposeAsync());

const asAdmin = (method: string, path: string, body?: object) =>
  ask(hub, method, path, { token: hub.adminToken, body });
const makeBounded = (changes: object = {}) =>
  makeToken(hub, { name: 'bounded', role: 'admin', hosts: [HOST], ...changes });
const mayRead = async ({ token }: MadeToken) => (await ask(hub, 'GET', '/tokens', { token })).status === 200;

describe('an admin with scopes', () => {
  it('sees and revokes only tokens and sessions within its scopes', async () => {
    const bounded = await makeBounded();
    const foreign = [
      await makeToken(hub, { name: 'all', role: 'admin' }),
      await makeToken(hub, { name: 'watcher', role: 'viewer' }),
      await makeToken(hub, { name: 'wider', role: 'operator', hosts: [HOST, OTHER] }),
      await makeToken(hub, { name: 'other', role: 'operator', hosts: [OTHER] }),
    ];
    const within = await makeToken(hub, { name: 'ci', role: 'operator', hosts: [HOST], actions: ['deploy'] });
    await signIn(hub, within.token);
    await signIn(hub, hub.adminToken);

    const { tokens } = (await ask(hub, 'GET', '/tokens', bounded)).json;
    expect(tokens.map(({ kind, name }: Record<string, string>) => `${kind} ${name}`)).toEqual([
      'session ci',
      'token ci',
      'token bounded',
    ]);
    for (const { id } of foreign) {
      for (const by of hubs) {
        const refused = await ask(by, 'DELETE', `/tokens/${id}`, bounded);
        expect([refused.status, refused.json.title]).toEqual([403, 'Out of scope']);
      }
    }
    expect(await mayRead(foreign[0]!)).toBe(true);
    const revoked = await ask(hub, 'DELETE', `/tokens/${within.id}`, bounded);
    expect([revoked.status, revoked.json.revoked.length]).toEqual([200, 2]);
    expect((await ask(hub, 'DELETE', `/tokens/${bounded.id}`, bounded)).status).toBe(200);
  });

  it('reads only the audit log of its hosts and of its own requests', async () => {
    for (const host of [HOST, OTHER]) {
      expect((await asAdmin('POST', '/targets', { host })).status).toBe(201);
      const task = { host, action: 'outside', external: true };
      const { task_id: id } = (await asAdmin('POST', '/tasks', task)).json;
      expect((await asAdmin('POST', `/tasks/${id}/cancel`)).status).toBe(202);
    }
    const bounded = await makeBounded();
    const cookie = await signIn(hub, bounded.token);
    const own = { name: 'own', role: 'viewer', hosts: [HOST] };
    expect((await ask(hub, 'POST', '/tokens', { cookie, body: own })).status).toBe(201);
    expect((await ask(hub, 'DELETE', '/auth/session', { cookie })).status).toBe(200);
    await makeToken(hub, { name: 'unrelated', role: 'viewer' });

    const read = async (asked: { readonly token: string }, query = '') =>
      (await ask(hub, 'GET', `/audit?${query}`, asked)).json;
    const told = ({ verb, subject }: Record<string, string>) => `${verb} ${subject?.slice(13)}`;
    const seen = await eventually(
      async () => {
        const { entries } = await read({ token: hub.adminToken }, 'limit=1');
        return entries[0].detail === 'viewer unrelated' && read(bounded);
      },
      { what: 'the last entry' },
    );
    expect(seen.entries.map(told)).toEqual([
      'sign_out bounded',
      'token.create bounded',
      'sign_in bounded',
      'task.cancel first admin',
      'task.create first admin',
      'target.add first admin',
    ]);
    expect(seen.next).toBeNull();
    const first = await read(bounded, 'limit=4');
    expect([...first.entries, ...(await read(bounded, `limit=4&before=${first.next}`)).entries]).toEqual(
      seen.entries,
    );
    // Who follows goes on after entries that only others may see.
    const { entries } = await read({ token: hub.adminToken }, 'limit=1');
    expect(seen.newest).toBe(entries[0].id);
    expect(await read(bounded, `after=${seen.newest}`)).toEqual({
      entries: [],
      next: null,
      newest: seen.newest,
    });
    const forActions = await makeToken(hub, { name: 'actions', role: 'admin', actions: ['deploy'] });
    const verbs = (await read(forActions)).entries.map(({ verb }: Record<string, string>) => verb);
    expect(new Set(verbs)).toEqual(new Set(['task.cancel', 'task.create', 'target.add']));
  });
});

it('a token that is named after somebody else has a subject of its own', async () => {
  const { signedIn } = (await asAdmin('GET', '/auth')).json;
  const real = `${signedIn.credentialId} first admin`;
  for (const name of ['first admin', real]) {
    const imitation = await makeToken(hub, { name, role: 'admin' });
    const child = await ask(hub, 'POST', '/tokens', {
      token: imitation.token,
      body: { name: 'child', role: 'viewer' },
    });
    expect(child.json.createdBy).toBe(`${imitation.id} ${name}`);
    const entry = await eventually(
      async () => {
        const { entries } = (await asAdmin('GET', '/audit?limit=20')).json;
        return (entries as Record<string, string>[]).find(({ target }) => target === child.json.id);
      },
      { what: 'the entry' },
    );
    expect(entry).toMatchObject({ subject: `${imitation.id} ${name}`, credentialId: imitation.id });
  }
});

describe('the last admin token without scopes', () => {
  const revoke = (by: HubProcess, { id, token }: MadeToken) => ask(by, 'DELETE', `/tokens/${id}`, { token });

  it('cannot be revoked, even if two hubs are asked for the last two at once', async () => {
    await using bed = await startEnrolledBed({ hubs: 2, enroller: false });
    const [first, second] = bed.hubs as [HubProcess, HubProcess];
    const { signedIn } = (await ask(first, 'GET', '/auth', { token: first.adminToken })).json;
    let last: MadeToken = { id: signedIn.credentialId, token: first.adminToken };
    const make = async (token: object): Promise<MadeToken> =>
      (await ask(first, 'POST', '/tokens', { token: last.token, body: token })).json;

    // None of these can take its place.
    await make({ name: 'bounded', role: 'admin', hosts: [HOST] });
    await make({ name: 'operator', role: 'operator' });
    await signIn(first, last.token);
    const short = await make({ name: 'short', role: 'admin', expiresInDays: SECOND_IN_DAYS });
    await eventually(async () => (await ask(first, 'GET', '/auth', short)).json.signedIn === null, {
      what: 'the expiry',
    });
    const refused = await revoke(first, last);
    expect([refused.status, refused.json.title]).toEqual([409, 'Last admin token']);
    expect(refused.json.detail).toContain('booner token create NAME --role admin');

    for (let round = 0; round < 10; round += 1) {
      const next = await make({ name: `admin ${round}`, role: 'admin' });
      await eventually(async () => (await ask(second, 'GET', '/tokens', next)).status === 200, {
        what: 'both hubs to know the token',
      });
      const answers = await Promise.all([revoke(first, last), revoke(second, next)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      if (answers[0].status === 200) last = next;
      expect((await ask(second, 'GET', '/tokens', last)).status).toBe(200);
    }
  });
});
