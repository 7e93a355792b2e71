import { once } from 'node:events';
import { V2_SUBPROTOCOL } from '@booner/protocol';
import { eventually, type HubProcess } from '@booner/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ageCredential, ageSession } from './age-session.ts';
import { ask, cookieOf, madeUp, makeToken, signIn } from './asking.ts';
import { startEnrolledBed } from './enrolled-bed.ts';

const HOST = '127.0.0.2';

const stack = new AsyncDisposableStack();
let bed: Awaited<ReturnType<typeof startEnrolledBed>>;
let hub: HubProcess;
let other: HubProcess;
beforeAll(async () => {
  bed = stack.use(await startEnrolledBed({ hubs: 2 }));
  [hub, other] = bed.hubs as [HubProcess, HubProcess];
});
afterAll(() => stack.disposeAsync());

const secretOf = (cookie: string) => cookie.split('=')[1] ?? '';

/** Everything that creates a credential. */
const MINTING: readonly (readonly [path: string, body: object])[] = [
  ['/tokens', { name: 'made', role: 'viewer' }],
  ['/auth/links', { role: 'viewer' }],
  ['/targets', { host: HOST, withTasks: true }],
  ['/targets', { host: HOST, replace: true }],
];
const mintAll = (by: HubProcess, asked: { readonly cookie?: string; readonly token?: string }) =>
  Promise.all(MINTING.map(async ([path, body]) => ask(by, 'POST', path, { ...asked, body })));
const statuses = async (...asked: Parameters<typeof mintAll>) =>
  (await mintAll(...asked)).map(({ status }) => status);
const everywhere = (status: number) => MINTING.map(() => status);

it('a session that was stolen later creates no tokens, links or enrolment keys until its person confirms it', async () => {
  const { id, token } = await makeToken(hub, { name: 'ops', role: 'admin' });
  const cookie = await signIn(hub, token);
  expect(await statuses(hub, { cookie })).toEqual(everywhere(201));
  const socket = new WebSocket(`${hub.wsUrl}/ws/system/status`, V2_SUBPROTOCOL, { headers: { cookie } });
  await once(socket, 'open');

  await ageSession(bed, cookie);
  for (const by of [hub, other]) {
    for (const { status, json } of await mintAll(by, { cookie })) {
      expect({ status, ...json }).toMatchObject({
        status: 403,
        code: 'sign_in_again',
        title: 'Sign in again',
        detail: expect.stringContaining('confirm your session'),
      });
    }
  }
  expect((await ask(hub, 'GET', '/tokens', { cookie })).status).toBe(200);
  expect((await ask(hub, 'POST', '/auth/tickets', { cookie })).status).toBe(201);
  expect(await statuses(hub, { token })).toEqual(everywhere(201));

  const confirm = (given: string) =>
    ask(hub, 'POST', '/auth/session/confirm', { cookie, body: { token: given } });
  for (const wrong of [madeUp('guess'), hub.adminToken, secretOf(cookie)]) {
    const refused = await confirm(wrong);
    expect([refused.status, refused.json.title, cookieOf(refused)]).toEqual([403, 'Not confirmed', '']);
  }
  expect(await statuses(hub, { cookie })).toEqual(everywhere(403));

  const before = (await ask(hub, 'GET', '/auth', { cookie })).json.signedIn;
  expect(before).toMatchObject({ confirmWith: 'token' });
  const confirmed = await confirm(token);
  expect([confirmed.status, confirmed.json.signedIn]).toEqual([200, before]);
  const renewed = cookieOf(confirmed);
  for (const by of [hub, other]) expect(await statuses(by, { cookie: renewed })).toEqual(everywhere(201));
  // The thief's copy has ended, the person's connections go on.
  await eventually(async () => (await ask(other, 'GET', '/targets', { cookie })).status === 401, {
    what: 'the end of the old cookie',
  });
  expect((await ask(hub, 'GET', '/targets', { cookie })).status).toBe(401);
  await once(socket, 'message');
  expect(socket.readyState).toBe(WebSocket.OPEN);
  socket.terminate();

  await ageSession(bed, renewed);
  expect((await ask(hub, 'DELETE', `/tokens/${id}`, { cookie: renewed })).status).toBe(200);
});

it('a token is not asked again, however old it is', async () => {
  const { token } = await makeToken(hub, { name: 'ci', role: 'admin' });
  await ageCredential(bed, token);
  await eventually(
    async () => {
      const { tokens } = (await ask(hub, 'GET', '/tokens', { token })).json;
      const own = (tokens as { name: string; createdAtMs: number }[]).find(({ name }) => name === 'ci');
      return own !== undefined && Date.now() - own.createdAtMs > 15 * 60_000;
    },
    { what: 'the hub to know' },
  );
  expect(await statuses(hub, { token })).toEqual(everywhere(201));
  const answer = await ask(hub, 'POST', '/auth/session/confirm', { token, body: { token } });
  expect(answer.status).toBe(409);
});

it('a session of a link is confirmed with the token behind the link, and guesses are limited', async () => {
  const { token } = await makeToken(hub, { name: 'maker', role: 'admin' });
  const { url } = (await ask(hub, 'POST', '/auth/links', { token, body: { name: 'phone' } })).json;
  const cookie = await signIn(hub, new URL(url).hash.slice('#link='.length));
  await ageSession(bed, cookie);
  const confirm = (given: string) =>
    ask(other, 'POST', '/auth/session/confirm', { cookie, body: { token: given } });
  const guesses = await Promise.all(Array.from({ length: 15 }, (_, n) => confirm(madeUp(`no${n}`))));
  expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([403, 429]));
  expect((await confirm(madeUp('one-too-many'))).status).toBe(429);
  const confirmed = await confirm(token);
  expect(confirmed.json.signedIn).toMatchObject({ subject: 'phone', kind: 'session' });
  expect(await statuses(other, { cookie: cookieOf(confirmed) })).toEqual(everywhere(201));
});
