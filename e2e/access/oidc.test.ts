import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HubProcess, startHub, startRedis } from '@booner/testkit';
import { openBrowser } from '@booner/testkit/browser';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { ask } from './asking.ts';
import { CLIENT_ID, type IdentityProvider, startIdentityProvider } from './identity-provider.ts';
import { type Visit, Visitor } from './visitor.ts';

const HOUR_MS = 3_600_000;
const PEOPLE = {
  ada: {
    email: 'ada@example.org',
    email_verified: true,
    preferred_username: 'ada',
    groups: ['ops', 'staff'],
  },
  bob: { email: 'boss@example.org', email_verified: false, preferred_username: 'bob', groups: ['dev'] },
  eve: { preferred_username: '<b>eve</b>', groups: ['OPS', 'sales'] },
};
const ROLES = 'admin=ops,operator=dev,viewer=staff';

type BedOptions = {
  readonly hubs?: number;
  readonly redisUrl?: string;
  /** From before the hubs start. */
  readonly providerIs?: Parameters<IdentityProvider['become']>[0];
} & Omit<Parameters<typeof startIdentityProvider>[0], 'people'>;

/** A provider and hubs that people sign in at. */
async function startBed({ hubs = 1, redisUrl, providerIs = 'up', ...identity }: BedOptions = {}) {
  await using resources = new AsyncDisposableStack();
  const provider = resources.use(await startIdentityProvider({ people: PEOPLE, ...identity }));
  await provider.become(providerIs);
  const directory = await mkdtemp(join(tmpdir(), 'booner-oidc-'));
  resources.defer(() => rm(directory, { recursive: true }));
  const secretFile = join(directory, 'client-secret');
  await writeFile(secretFile, `${provider.clientSecret}\n`);
  const env = {
    BOONER_AUTH: 'required',
    BOONER_STATE_DIR: directory,
    BOONER_OIDC_ISSUER: provider.issuer,
    BOONER_OIDC_CLIENT_ID: CLIENT_ID,
    BOONER_OIDC_CLIENT_SECRET_FILE: secretFile,
    BOONER_OIDC_ROLES: ROLES,
    BOONER_OIDC_LABEL: 'Example ID',
  };
  const started: HubProcess[] = [];
  for (let count = 0; count < hubs; count += 1)
    started.push(resources.use(await startHub({ redisUrl, env })));
  provider.serve(started.map(({ url }) => `${url}/auth/oidc/callback`));
  const owned = resources.move();
  return {
    provider,
    hubs: started,
    hub: started[0] as HubProcess,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const isCallback = ({ pathname }: URL) => pathname === '/auth/oidc/callback';

/**
 * Goes from the hub to the provider, signs in there, and stops before the redirect back to the hub.
 */
async function untilCallback(visitor: Visitor, hub: HubProcess, as: string, wanted = '/'): Promise<URL> {
  const start = `${hub.url}/auth/oidc/start?return=${encodeURIComponent(wanted)}`;
  const page = await visitor.follow(
    start,
    // The provider remembers the person and skips its sign-in page.
    (url) => url.pathname.startsWith('/interaction/') || isCallback(url),
  );
  if (!(page instanceof URL)) throw new Error(`no sign-in page: ${page.status} ${page.text}`);
  if (isCallback(page)) return page;
  const back = await visitor.follow(`${page.href}?${as}`, isCallback);
  if (!(back instanceof URL)) throw new Error(`no way back: ${back.status} ${back.text}`);
  return back;
}

const signIn = async (visitor: Visitor, hub: HubProcess, as: string, wanted?: string): Promise<Visit> =>
  visitor.visit((await untilCallback(visitor, hub, as, wanted)).href);
const stateOf = async (visitor: Visitor, hub: HubProcess) =>
  JSON.parse((await visitor.visit(`${hub.url}/auth`)).text);

let bed: Awaited<ReturnType<typeof startBed>>;
let hub: HubProcess;
beforeAll(async () => {
  bed = await startBed();
  ({ hub } = bed);
});
afterAll(() => bed[Symbol.asyncDispose]());

describe.concurrent('signing in at an identity provider', () => {
  it('gives the highest role of the groups for eight hours, and returns to the requested page', async ({
    expect,
  }) => {
    const visitor = new Visitor();
    expect(await stateOf(visitor, hub)).toMatchObject({
      required: true,
      signedIn: null,
      oidc: { label: 'Example ID', path: '/auth/oidc/start' },
    });
    const page = await signIn(visitor, hub, 'as=ada', '/dashboard/targets/10.0.0.2?range=1h');
    expect(page.status).toBe(200);
    expect(page.text).toContain(
      `<meta http-equiv="refresh" content="0; url=${hub.url}/dashboard/targets/10.0.0.2?range=1h">`,
    );
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('cache-control')).toBe('no-store');
    const [session] = page.headers.getSetCookie().filter((line) => line.startsWith('booner_session='));
    expect(session).toMatch(
      /^booner_session=bnr_[\w-]{43}; Max-Age=28\d{3}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect([...visitor.jarOf(hub.url).keys()]).toEqual(['booner_session']);
    const { signedIn } = await stateOf(visitor, hub);
    expect(signedIn).toMatchObject({ subject: 'ada@example.org', role: 'admin', kind: 'session' });
    expect(signedIn.expiresAtMs - Date.now()).toBeGreaterThan(7.9 * HOUR_MS);
    const { entries } = JSON.parse((await visitor.visit(`${hub.url}/audit`)).text);
    expect(entries).toContainEqual(
      expect.objectContaining({
        verb: 'sign_in',
        verdict: 'allowed',
        subject: expect.stringMatching(/^[\w-]{12} ada@example\.org$/),
        detail: `at ${new URL(bed.provider.issuer).host}, as admin`,
      }),
    );
  });

  it('gives no more than the groups do, and accepts no unverified name', async ({ expect }) => {
    const visitor = new Visitor();
    await signIn(visitor, hub, 'as=bob');
    expect((await stateOf(visitor, hub)).signedIn).toMatchObject({ subject: 'bob', role: 'operator' });
    expect((await visitor.visit(`${hub.url}/targets`)).status).toBe(200);
    expect((await visitor.visit(`${hub.url}/tokens`)).status).toBe(403);
  });

  it('creates tokens only after a sign-in for which the provider asked again', async ({ expect }) => {
    const visitor = new Visitor();
    await signIn(visitor, hub, 'as=ada');
    const mint = async () => {
      const cookie = [...visitor.jarOf(hub.url)].map((pair) => pair.join('=')).join('; ');
      const { status, json } = await ask(hub, 'POST', '/tokens', {
        cookie,
        body: { name: 'made', role: 'viewer' },
      });
      return { status, code: json.code };
    };
    // The provider does not say when it asked the person last.
    expect(await mint()).toEqual({ status: 403, code: 'sign_in_again' });
    expect((await stateOf(visitor, hub)).signedIn).toMatchObject({ confirmWith: 'identity_provider' });
    await signIn(visitor, hub, 'as=ada');
    expect((await mint()).status).toBe(403);

    const start = `${hub.url}/auth/oidc/start?again=true&return=%2Fdashboard%2Fsigned-in`;
    const away = await visitor.follow(start, ({ origin }) => origin !== new URL(hub.url).origin);
    if (!(away instanceof URL)) throw new Error(`no redirect to the provider: ${away.text}`);
    expect(Object.fromEntries(away.searchParams)).toMatchObject({ prompt: 'login', max_age: '0' });
    for (const name of ['prompt', 'max_age']) away.searchParams.delete(name);
    const cheated = await visitor.follow(away.href, isCallback);
    if (!(cheated instanceof URL)) throw new Error('the provider asked');
    const refused = await visitor.visit(cheated.href);
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('did not ask')]);
    expect((await mint()).status).toBe(403);

    const question = await visitor.follow(start, ({ pathname }) => pathname.startsWith('/interaction/'));
    if (!(question instanceof URL)) throw new Error(`the provider did not ask: ${question.url}`);
    const back = await visitor.follow(`${question.href}?as=ada`, isCallback);
    if (!(back instanceof URL)) throw new Error(`no way back: ${back.text}`);
    const done = await visitor.visit(back.href);
    expect(done.text).toContain(`content="0; url=${hub.url}/dashboard/signed-in"`);
    expect(await mint()).toEqual({ status: 201 });
  });

  it('is refused without a group that has a role, with a message for people and for programs', async ({
    expect,
  }) => {
    const visitor = new Visitor();
    const page = await signIn(visitor, hub, 'as=eve');
    expect(page.status).toBe(403);
    expect(page.text).toContain('&lt;b&gt;eve&lt;/b&gt; is in no group that has a role on this hub.');
    expect(page.text).toContain('<a href="/dashboard/sign-in">');
    expect([...visitor.jarOf(hub.url).keys()]).toEqual([]);
    const back = await untilCallback(visitor, hub, 'as=eve');
    const problem = await visitor.visit(back.href, { accept: 'application/json' });
    expect(problem.headers.get('content-type')).toBe('application/problem+json');
    expect(JSON.parse(problem.text)).toMatchObject({ status: 403, title: 'No role' });
  });

  it('is refused when the person refuses', async ({ expect }) => {
    const page = await signIn(new Visitor(), hub, 'deny');
    expect(page.status).toBe(403);
    expect(page.text).toContain('refused: access_denied (does not want to)');
  });

  it('completes only in the browser that started it, with the same state', async ({ expect }) => {
    const visitor = new Visitor();
    const back = await untilCallback(visitor, hub, 'as=ada');
    expect((await new Visitor().visit(back.href)).status).toBe(400);
    const other = new Visitor();
    await untilCallback(other, hub, 'as=bob');
    expect((await other.visit(back.href)).status).toBe(400);
    const tampered = new URL(back);
    tampered.searchParams.set('state', `${back.searchParams.get('state')}x`);
    expect((await visitor.visit(tampered.href)).status).toBe(400);
    tampered.searchParams.delete('state');
    expect((await visitor.visit(tampered.href)).status).toBe(400);
    expect((await visitor.visit(back.href)).status).toBe(200); // nothing of this spent it
  });

  it('completes only once', async ({ expect }) => {
    const [visitor, thief] = [new Visitor(), new Visitor()];
    const back = await untilCallback(visitor, hub, 'as=ada');
    const [[name, value]] = [...visitor.jarOf(hub.url)] as [[string, string]];
    thief.jarOf(hub.url).set(name, value);
    expect((await visitor.visit(back.href)).status).toBe(200);
    expect((await visitor.visit(back.href)).status).toBe(400);
    const replayed = await thief.visit(back.href);
    expect(replayed.status).toBe(410);
    expect(replayed.text).toContain('was already used');
    expect(thief.jarOf(hub.url).size).toBe(0);
  });

  it.for<[string, (other: URL) => string]>([
    ['made up', () => 'x'.repeat(43)],
    ['of a sign-in that somebody else began', (other: URL) => other.searchParams.get('code') ?? ''],
  ])('is refused with a code that was %s', async ([, codeOf], { expect }) => {
    const visitor = new Visitor();
    const [back, other] = [
      await untilCallback(visitor, hub, 'as=bob'),
      await untilCallback(new Visitor(), hub, 'as=ada'),
    ];
    back.searchParams.set('code', codeOf(other));
    const page = await visitor.visit(back.href);
    expect(page.status).toBe(403);
    expect(page.text).toContain('invalid_grant');
    expect(visitor.jarOf(hub.url).has('booner_session')).toBe(false);
  });

  it.for(['https://evil.example/', '//evil.example/', '/\\evil.example'])(
    'leads to no other site: %s',
    async (wanted, { expect }) => {
      const page = await signIn(new Visitor(), hub, 'as=ada', wanted);
      expect(page.text).toContain(`content="0; url=${hub.url}/"`);
    },
  );

  it('writes no secret into the log', async ({ expect }) => {
    const visitor = new Visitor();
    const back = await untilCallback(visitor, hub, 'as=ada');
    await visitor.visit(back.href);
    const said = [...hub.lines.stdout, ...hub.lines.stderr].join('\n');
    for (const secret of [
      bed.provider.clientSecret,
      back.searchParams.get('code'),
      back.searchParams.get('state'),
      visitor.jarOf(hub.url).get('booner_session'),
    ]) {
      expect(secret?.length).toBeGreaterThan(20);
      expect(said).not.toContain(secret);
    }
  });
});

describe.concurrent('an identity provider that fails', () => {
  const startPage = (hub: HubProcess) => new Visitor().visit(`${hub.url}/auth/oidc/start`);

  it('is named, does not keep a hub from starting, and is used again after it recovers', async ({
    expect,
  }) => {
    await using broken = await startBed({ providerIs: 'down' });
    const { host } = new URL(broken.provider.issuer);
    const away = await startPage(broken.hub);
    expect(away.status).toBe(502);
    expect(away.text).toContain(`The identity provider ${host} cannot be reached: connect ECONNREFUSED`);
    expect((await broken.hub.get('/auth')).status).toBe(200);

    await broken.provider.become('hanging');
    const silent = await startPage(broken.hub);
    expect(silent.text).toContain(`The identity provider ${host}: did not answer within 5 s.`);

    await broken.provider.become('up');
    const visitor = new Visitor();
    const back = await untilCallback(visitor, broken.hub, 'as=ada');
    await broken.provider.become('down');
    const lost = await visitor.visit(back.href);
    expect(lost.status).toBe(502);
    expect(visitor.jarOf(broken.hub.url).size).toBe(0);
    await broken.provider.become('up');
    expect((await signIn(visitor, broken.hub, 'as=ada')).status).toBe(200);
  });

  it('is not trusted if its tokens are signed with other keys', async ({ expect }) => {
    await using forged = await startBed({ providerIs: 'forging' });
    const visitor = new Visitor();
    const page = await signIn(visitor, forged.hub, 'as=ada');
    expect(page.status).toBe(403);
    expect(page.text).toContain('JWT signature verification failed');
    expect(visitor.jarOf(forged.hub.url).has('booner_session')).toBe(false);
  });
});

it('may complete on another hub than it started on, with the names in the token', async ({ expect }) => {
  await using redis = await startRedis();
  await using pair = await startBed({ hubs: 2, claimsInToken: true, redisUrl: redis.url });
  const [first, second] = pair.hubs as [HubProcess, HubProcess];
  const visitor = new Visitor();
  const back = await untilCallback(visitor, first, 'as=ada');
  for (const [name, value] of visitor.jarOf(first.url)) visitor.jarOf(second.url).set(name, value);
  const elsewhere = new URL(`${back.pathname}${back.search}`, second.url);
  expect((await visitor.visit(elsewhere.href)).status).toBe(200);
  expect((await stateOf(visitor, second)).signedIn).toMatchObject({
    subject: 'ada@example.org',
    role: 'admin',
  });
});

it('returns a browser to the requested page, with a cookie that no other site can make it send', async ({
  expect,
}) => {
  await using own = await startBed({ name: 'localhost' });
  await using browser = await openBrowser();
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
  const arriveAt = async (path: string) => {
    await page.waitForURL(`${own.hub.url}${path}`, { timeout: 60_000 });
    return JSON.parse(await page.locator('body').innerText());
  };
  await page.goto(`${own.hub.url}/auth/oidc/start?return=%2Fauth`);
  expect(page.url()).toContain(`${own.provider.issuer}/interaction/`);
  await page.getByText('ada').click();
  expect(await arriveAt('/auth')).toMatchObject({ signedIn: { subject: 'ada@example.org', role: 'admin' } });
  const [cookie] = await page.context().cookies(own.hub.url);
  expect(cookie).toMatchObject({ name: 'booner_session', httpOnly: true, sameSite: 'Strict' });

  // A link on another site brings a visitor who is not signed in: the page that forwards them
  // exists for this.
  await page.goto(`${own.provider.issuer}/nowhere`);
  await page.evaluate(`location.assign(${JSON.stringify(`${own.hub.url}/auth`)})`);
  expect(await arriveAt('/auth')).toMatchObject({ signedIn: null });
  expect(errors.filter((error) => !/404|favicon/.test(error))).toEqual([]);
});
