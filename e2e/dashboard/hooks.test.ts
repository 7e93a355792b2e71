import { createHmac } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostIdSchema, registrationSchema } from '@booner/protocol';
import { TARGETS_KEY } from '@booner/protocol/redis-names';
import { eventually, type HubProcess, startHub, startRedis, startRunner } from '@booner/testkit';
import type { PageSize } from '@booner/testkit/browser-page';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { ask, makeToken } from '../access/asking.ts';
import { connectOperator } from '../fleet/operator.ts';
import { it } from './browser-test.ts';
import { inspectView, inspectWidth } from './inspect-view.ts';
import { SOON_MS } from './page-parts.ts';
import { signedIn } from './signed-in.ts';

const SIZES: readonly PageSize[] = ['desk', 'phone'];
const HOST = hostIdSchema.parse('10.0.0.2');
const VALUE = 'open-sesame-7f3Q\nand a second line';
const SETTING = { action: 'web.deploy', selector: 'role=web', fields: { version: '/after' } };

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
let hub: HubProcess;
let operator: ReturnType<typeof connectOperator>['redis'];
let token: string;
/** Returns the lines that actions have written. */
let written: () => Promise<string>;

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'booner-hook-pages-'));
  stack.defer(() => rm(directory, { recursive: true }));
  const actions = join(directory, 'actions.d');
  await mkdir(actions);
  await chmod(actions, 0o755);
  const log = join(directory, 'written');
  await writeFile(log, '');
  written = () => readFile(log, 'utf8');
  const shell = (script: string, ...args: string[]) => ['sh', '-c', script, 'sh', ...args];
  const common = { schedulable: true, sandbox: 'none' };
  const version = { name: 'version', type: 'string', required: true, pattern: 'v[0-9.]+' };
  const slot = { name: 'slot', type: 'choice', choices: ['blue', 'green'], default: 'blue' };
  const files = [
    {
      ...{ name: 'web.deploy', ...common, parameters: [version, slot] },
      command: shell('echo "deployed $1 to $2" >> "$3"', '{{version}}', '{{slot}}', log),
    },
    {
      ...{ name: 'web.login', ...common, secrets: ['deploy-token'] },
      command: shell('echo "logged in with $BOONER_SECRET_DEPLOY_TOKEN" >> "$1"', log),
    },
  ];
  for (const action of files) {
    const file = join(actions, `${action.name}.yaml`);
    await writeFile(file, JSON.stringify(action)); // JSON is YAML
    await chmod(file, 0o644);
  }
  const redis = stack.use(await startRedis());
  operator = stack.use(connectOperator(redis.url)).redis;
  const registration = { ...registrationSchema.parse({}), labels: { role: 'web' } };
  await operator.hset(TARGETS_KEY, HOST, JSON.stringify(registration));
  hub = stack.use(await startHub({ redisUrl: redis.url, auth: 'first' }));
  stack.use(await startRunner({ redisUrl: redis.url, hostId: HOST, actionsDirectory: actions }));
  token = (await makeToken(hub, { name: 'ada', role: 'operator' })).token;
  const isOffered = async () =>
    (await ask(hub, 'GET', `/targets/${HOST}/actions`, { token })).json.actions?.length === 2;
  await eventually(isOffered, { what: 'the actions' });
});

/** Sends a push with a signature made from the secret, as GitHub does. */
function push(
  { url, secret }: { readonly url: string; readonly secret: string },
  id: string,
  payload: object,
) {
  const signature = createHmac('sha256', secret).update(JSON.stringify(payload)).digest('hex');
  const headers = { 'x-hub-signature-256': `sha256=${signature}`, 'x-github-delivery': id };
  return ask(hub, 'POST', new URL(url).pathname, { body: payload, headers });
}

const MAIN = { ref: 'refs/heads/main', after: 'v2.4.0' };

const keyOf = (url: string): string => url.split('/').at(-1) ?? '';

/** Takes URL and secret from the dialog that shows them once, and closes it. */
async function takeKey(page: Page): Promise<{ readonly url: string; readonly secret: string }> {
  const dialog = page.getByRole('dialog');
  await dialog.getByText('nothing shows them again').waitFor();
  await dialog.getByRole('button', { name: 'Copy URL' }).waitFor();
  await dialog.getByRole('button', { name: 'Copy secret' }).waitFor();
  const [url = '', secret = ''] = await dialog.locator('code').allInnerTexts();
  const shown = await remains(page);
  expect([shown.includes(keyOf(url)), shown.includes(secret)]).toEqual([true, true]);
  await dialog.getByRole('button', { name: 'I have copied both' }).click();
  await dialog.waitFor({ state: 'hidden' });
  return { url, secret };
}

/** Everything of a page in which a secret could stay. */
const remains = (page: Page): Promise<string> =>
  page.evaluate(() =>
    JSON.stringify([
      ...[location.href, history.state, { ...localStorage }, { ...sessionStorage }],
      document.documentElement.outerHTML,
    ]),
  );

it('sets a hook, shows its URL and secret once, and shows deliveries as they come', async ({ open }) => {
  const { page, expectProblems } = await open({
    url: `${hub.url}/dashboard/hooks`,
    prepare: signedIn(hub, token),
  });
  expectProblems(/status of 400.*\/hooks\/web/);
  page.setDefaultTimeout(SOON_MS);
  await page.getByText('No hooks yet').waitFor();
  expect(await page.getByRole('link', { name: 'API reference' }).getAttribute('href')).toBe('/docs');
  await page.getByRole('link', { name: 'New hook' }).click();
  await page.getByLabel('Name').fill('web');
  await page.getByLabel('Targets').fill('role=web');
  await page.getByText('1 target matches.').waitFor();
  await page.getByLabel('Action').selectOption('web.deploy');
  await page.getByLabel('slot', { exact: true }).selectOption('green');
  await page.getByLabel('Value of version').selectOption('from the payload');
  const create = page.getByRole('button', { name: 'Create hook' });
  await create.click();
  await page.getByText('Enter its place in the payload').waitFor();
  await page.getByLabel('version', { exact: true }).fill('after');
  await page.getByRole('button', { name: 'Add condition' }).click();
  await page.getByLabel('Place 1').fill('/ref');
  await page.getByLabel('Value 1').fill('refs/heads/main');
  await create.click();
  await page.getByText('must be a JSON pointer').waitFor();
  await page.getByLabel('version', { exact: true }).fill('/after');
  await create.click();
  const first = await takeKey(page);
  await page.getByRole('heading', { name: 'web' }).waitFor();
  await page.getByText('Nothing was delivered yet.').waitFor();

  const answer = await push(first, 'delivery-1', MAIN);
  expect([answer.status, answer.json.outcome]).toEqual([202, 'started']);
  const deliveries = page.getByRole('list', { name: 'Last deliveries' }).getByRole('listitem');
  await deliveries.filter({ hasText: 'delivery-1' }).getByText('started').waitFor();
  expect(await deliveries.getByRole('link', { name: 'Rollout' }).getAttribute('href')).toBe(
    `/dashboard/rollouts/${answer.json.rollout_id}`,
  );
  await eventually(async () => (await written()).includes('deployed v2.4.0 to green'), { what: 'the task' });
  await push(first, 'delivery-2', { ...MAIN, ref: 'refs/heads/other' });
  await page.getByText('/ref is not "refs/heads/main"').waitFor();

  await page.getByRole('button', { name: 'Rotate key of web' }).click();
  await page.getByRole('button', { name: 'Replace both' }).click();
  const second = await takeKey(page);
  expect([(await push(first, 'old', MAIN)).status, (await push(second, 'new', MAIN)).status]).toEqual([
    401, 202,
  ]);
  await page.getByRole('button', { name: 'Pause web' }).click();
  await page.getByRole('button', { name: 'Resume web' }).waitFor();
  expect((await push(second, 'paused', MAIN)).status).toBe(409);
  await deliveries.filter({ hasText: 'the hook is paused' }).waitFor();
  const kept = await remains(page);
  for (const { url, secret } of [first, second]) {
    expect([kept.includes(keyOf(url)), kept.includes(secret)]).toEqual([false, false]);
  }

  await page.getByRole('link', { name: 'Edit' }).click();
  await expect.poll(() => page.getByLabel('version', { exact: true }).inputValue()).toBe('/after');
  expect(await page.getByLabel('slot', { exact: true }).inputValue()).toBe('green');
  expect(await page.getByLabel('Value 1').inputValue()).toBe('refs/heads/main');
  await page.getByText('Saving it resumes it.').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  // It keeps its key: no dialog shows another one.
  await page.getByRole('button', { name: 'Pause web' }).waitFor();
  expect((await push(second, 'resumed', MAIN)).json.outcome).toBe('started');
  await page.getByRole('link', { name: 'Rollout', exact: true }).first().click();
  await page.getByRole('link', { name: 'web', exact: true }).click();
  await page.getByRole('button', { name: 'Remove web' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('No hooks yet').waitFor();
  expect((await push(second, 'removed', MAIN)).status).toBe(401);
});

it('sets a secret that its actions receive and nothing else has, and removes it', async ({ open }) => {
  const sent: string[] = [];
  const { page } = await open({
    url: `${hub.url}/dashboard/secrets`,
    prepare: async (prepared) => {
      prepared.on('request', (request) => sent.push(`${request.url()} ${request.postData() ?? ''}`));
      await signedIn(hub, token)(prepared);
    },
  });
  page.setDefaultTimeout(SOON_MS);
  await page.getByText('No secrets yet').waitFor();
  await page.getByRole('button', { name: 'Set a secret' }).click();
  const set = page.getByRole('button', { name: 'Set secret' });
  await page.getByLabel('Name').fill('deploy-token');
  await page.getByText('BOONER_SECRET_DEPLOY_TOKEN').waitFor();
  await set.click();
  await page.getByText('Enter a selector').waitFor();
  await page.getByText('Enter a value.').waitFor();
  await page.getByLabel('Targets').fill('role=web');
  await page.getByLabel('Value').fill(`${VALUE}\n`);
  await set.click();
  await page.getByText('It is set for 1 target.').waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByText('1 target', { exact: false }).first().click();
  const targets = page.getByRole('list', { name: 'Targets of deploy-token' });
  await targets.getByText('usable').waitFor();
  await targets.getByText('by ada').waitFor();

  const task = { host: HOST, action: 'web.login', params: {} };
  expect((await ask(hub, 'POST', '/tasks', { token, body: task })).status).toBe(202);
  await eventually(async () => (await written()).includes(`logged in with ${VALUE}`), { what: 'the task' });
  const put = sent.filter((text) => text.includes('/secrets/deploy-token'));
  expect(put.length).toBeGreaterThan(0);
  const stored = JSON.stringify(
    await Promise.all((await operator.keys('booner:secret*')).map((key) => operator.hgetall(key))),
  );
  expect(stored).toContain('deploy-token');
  for (const text of [sent.join(), await remains(page), stored]) expect(text).not.toContain('open-sesame');

  const viewer = (await makeToken(hub, { name: 'eve', role: 'viewer' })).token;
  const seen = await open({ url: `${hub.url}/dashboard/secrets`, prepare: signedIn(hub, viewer) });
  await seen.page.getByRole('heading', { name: 'deploy-token' }).waitFor();
  expect(await seen.page.getByRole('button', { name: /^(Set|Remove)/ }).count()).toBe(0);

  await page.getByRole('button', { name: 'Remove deploy-token' }).click();
  await page.getByText('from 1 target?').waitFor();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('No secrets yet').waitFor();
  expect((await ask(hub, 'GET', '/secrets', { token })).json.secrets).toEqual([]);
});

type View = {
  readonly name: string;
  /** Absent: the view opens on the current page. */
  readonly path?: string;
  readonly ready: (page: Page) => Promise<unknown>;
};

const VIEWS: readonly View[] = [
  { name: 'hooks', path: '/dashboard/hooks', ready: (page) => page.getByText('refused').first().waitFor() },
  {
    name: 'hook',
    path: '/dashboard/hooks/shop.deploy',
    ready: (page) => page.getByRole('list', { name: 'Last deliveries' }).waitFor(),
  },
  {
    name: 'hook-key',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Rotate key of shop.deploy' }).click();
      await page.getByRole('button', { name: 'Replace both' }).click();
      await page.getByRole('dialog').getByText('nothing shows them again').waitFor();
    },
  },
  {
    name: 'hook-edit',
    path: '/dashboard/hooks/shop.deploy/edit',
    ready: (page) => page.getByLabel('Value of version').waitFor(),
  },
  {
    name: 'secrets',
    path: '/dashboard/secrets',
    ready: async (page) => {
      await page.getByText('last set').first().click();
      await page.getByText('usable').first().waitFor();
    },
  },
  {
    name: 'secret-set',
    ready: async (page) => {
      await page.getByRole('button', { name: 'Set again: shop-key' }).click();
      await page.getByLabel('Value').fill(VALUE);
      await page.getByText('2 lines, 34 bytes.').waitFor();
    },
  },
];

it('has views that are accessible in light and dark, and fit', async ({ open }) => {
  const put = async (name: string, more: object = {}) =>
    (await ask(hub, 'PUT', `/hooks/${name}`, { token, body: { ...SETTING, ...more } })).json;
  const shop = await put('shop.deploy', {
    when: { '/ref': 'refs/heads/main', '/deleted': false },
    params: { slot: 'green' },
  });
  const reports = await put('reports', { auth: 'token', selector: '' });
  await put('game-server-releases', { batches: [1, '10%', '50%'] });
  await push(shop, 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6', { ...MAIN, deleted: false });
  await push(shop, 'f81d4fae-7dec-11d0-a765-00a0c91e6bf7', { ...MAIN, deleted: true });
  await push(shop, 'f81d4fae-7dec-11d0-a765-00a0c91e6bf8', { ref: MAIN.ref, deleted: false });
  await push(reports, 'f81d4fae-7dec-11d0-a765-00a0c91e6bf9', MAIN);
  await ask(hub, 'POST', '/hooks/game-server-releases/pause', { token });
  const seen = await open({ url: `${hub.url}/dashboard/secrets`, prepare: signedIn(hub, token) });
  await seen.page.getByRole('button', { name: 'Set a secret' }).click();
  await seen.page.getByLabel('Name').fill('shop-key');
  await seen.page.getByLabel('Targets').fill('*');
  await seen.page.getByLabel('Value').fill(VALUE);
  await seen.page.getByRole('button', { name: 'Set secret' }).click();
  await seen.page.getByText('It is set for 1 target.').waitFor();

  const complaints: string[] = [];
  for (const size of SIZES) {
    const { page, problems } = await open({
      url: hub.url,
      size,
      reducedMotion: true,
      prepare: signedIn(hub, token),
    });
    page.setDefaultTimeout(SOON_MS);
    for (const { name, path, ready } of VIEWS) {
      if (path !== undefined) await page.goto(new URL(path, hub.url).href);
      await ready(page);
      const inspect = size === 'desk' ? inspectView : inspectWidth;
      const wrong = [...(await inspect(page, `${name}-${size}`)), ...problems()];
      complaints.push(...wrong.map((each) => `${name}: ${each}`));
    }
  }
  expect(complaints).toEqual([]);
});
