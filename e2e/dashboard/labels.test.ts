import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, type HubProcess, startHub, startRedis, startSimulatedFleet } from '@booner/testkit';
import type { PageSize } from '@booner/testkit/browser-page';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { ask, makeToken } from '../access/asking.ts';
import { it } from './browser-test.ts';
import { inspectView } from './inspect-view.ts';
import { rowOf, SOON_MS, untilConnection } from './page-parts.ts';
import { signedIn } from './signed-in.ts';

const SIZES: readonly PageSize[] = ['desk', 'phone'];
const SAID = ['db', 'db', 'web'];
const VIEWS_MS = 240_000;

let hub: HubProcess;
let hosts: readonly string[];
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
beforeAll(async () => {
  const redis = stack.use(await startRedis());
  const directory = await mkdtemp(join(tmpdir(), 'booner-history-'));
  stack.defer(() => rm(directory, { recursive: true }));
  const env = { BOONER_INTERVAL_MS: '1000', BOONER_HISTORY_DIR: directory };
  hub = stack.use(await startHub({ redisUrl: redis.url, auth: 'first', env }));
  const fleet = await startSimulatedFleet({
    redisUrl: redis.url,
    count: SAID.length,
    intervalMs: 1000,
    shape: (index) => ({ labels: { role: SAID[index] ?? '' } }),
  });
  stack.use(fleet);
  ({ hosts } = fleet);
  await eventually(async () => (await readTargets()).length === SAID.length, { what: 'the fleet' });
  await ask(hub, 'PATCH', `/targets/${hosts[0]}`, {
    token: hub.adminToken,
    body: { labels: { old: 'yes', env: 'test' } },
  });
});

async function readTargets(): Promise<{ operatorLabels: Record<string, string> }[]> {
  return (await ask(hub, 'GET', '/targets', { token: hub.adminToken })).json.targets;
}

it('sets and removes labels of the selected targets, and says which could not be changed', async ({
  open,
}) => {
  const [first = '', second = '', third = ''] = hosts;
  const scoped = await makeToken(hub, { name: 'scoped', role: 'admin', hosts: [first, third] });
  const { page, expectProblems } = await open({
    url: `${hub.url}/?view=table&q=role%3Ddb`,
    prepare: signedIn(hub, scoped.token),
  });
  page.setDefaultTimeout(SOON_MS);
  await untilConnection(page, 'Live');
  await rowOf(page, first).waitFor();
  await page.getByRole('button', { name: 'Select', exact: true }).click();
  expect(await page.getByRole('button', { name: 'Labels' }).count()).toBe(0); // nothing is selected
  await page.getByRole('button', { name: 'Select all' }).click();
  await page.getByText('2 selected.').waitFor();
  expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(2);
  await page.getByRole('button', { name: 'Labels' }).click();

  const dialog = page.getByRole('dialog', { name: 'Labels of 2 targets' });
  const labels = dialog.getByRole('list', { name: 'Labels' });
  await expect
    .poll(() => labels.getByRole('listitem').allTextContents())
    .toEqual(['role=dbagent', 'env=testoperator, 1 of 2', 'old=yesoperator, 1 of 2']);
  expect(await dialog.getByRole('button', { name: 'Remove role' }).count()).toBe(0); // an agent's

  const field = dialog.getByRole('textbox', { name: 'Set labels' });
  await field.fill('env');
  await field.press('Enter');
  await dialog.getByText(/must have = and a value after env/).waitFor();
  expectProblems(/status of 403/);
  await field.fill('env=prod,zone=b');
  await field.press('Enter');
  await dialog.getByText('1 target could not be changed:').waitFor();
  await dialog.getByRole('status').filter({ hasText: 'Changed 1 target.' }).waitFor();
  expect(await dialog.getByRole('alert').filter({ hasText: second }).innerText()).toMatch(
    new RegExp(`${second}: .*not among the hosts of your token`, 's'),
  );
  expect(await field.inputValue()).toBe('env=prod,zone=b'); // to try again
  await labels.getByText('env=prod').waitFor(); // from the stream
  await dialog.getByRole('button', { name: 'Remove old' }).click();
  await labels.getByText('old=yes').waitFor({ state: 'detached' });
  const [one, two] = await readTargets();
  expect([one?.operatorLabels, two?.operatorLabels]).toEqual([{ env: 'prod', zone: 'b' }, {}]);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await page.getByText('2 selected.').waitFor();
});

it('offers labels to admins only, and comparisons to all', async ({ open }) => {
  const viewer = await makeToken(hub, { name: 'wall', role: 'viewer' });
  const { page } = await open({ url: `${hub.url}/?view=table`, prepare: signedIn(hub, viewer.token) });
  page.setDefaultTimeout(SOON_MS);
  await page.getByRole('button', { name: 'Select', exact: true }).click();
  await page.getByRole('button', { name: 'Select all' }).click();
  await page.getByRole('link', { name: 'Compare 3' }).waitFor();
  expect(await page.getByRole('button', { name: 'Labels' }).count()).toBe(0);
});

it('ranks no target for an empty selector in the address, and all without one', async ({ open }) => {
  const ranked = async () =>
    (await ask(hub, 'GET', '/history?metric=cpu', { token: hub.adminToken })).json.targets;
  await eventually(async () => (await ranked()).length === hosts.length, {
    what: 'the history of the targets',
  });
  const { page } = await open({ url: `${hub.url}/dashboard/ranking`, prepare: signedIn(hub) });
  page.setDefaultTimeout(SOON_MS);
  const rows = page.getByRole('table', { name: 'Ranking' }).getByRole('link');
  await expect.poll(() => rows.count()).toBe(hosts.length);
  for (const selector of ['', '%20']) {
    await page.goto(`${hub.url}/dashboard/ranking?q=${selector}`);
    await page.getByText('No target has values of this metric in this range').waitFor();
    expect(await rows.count()).toBe(0);
  }
});

it('creates a token that reads nothing for a selector of spaces, and everything without one', async ({
  open,
}) => {
  const { page } = await open({ url: `${hub.url}/dashboard/tokens`, prepare: signedIn(hub) });
  page.setDefaultTimeout(SOON_MS);
  for (const [name, reads] of [
    ['spaces', ' '],
    ['without', ''],
  ] as const) {
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill(name);
    await page.getByRole('textbox', { name: 'Sees' }).fill(reads);
    await page.getByRole('button', { name: 'Create token' }).click();
    await page.getByRole('button', { name: 'I have copied it' }).click();
  }
  const { tokens } = (await ask(hub, 'GET', '/tokens', { token: hub.adminToken })).json;
  const readsOf = (wanted: string) =>
    tokens.find(({ name }: { name: string }) => name === wanted).scopes.reads;
  expect([readsOf('spaces'), readsOf('without')]).toEqual(['', null]);
});

describe.for(SIZES)('on a %s', (size) => {
  it('is accessible in light and dark, and fits', { timeout: VIEWS_MS }, async ({ open }) => {
    const { page } = await open({ url: hub.url, size, reducedMotion: true, prepare: signedIn(hub) });
    page.setDefaultTimeout(SOON_MS);
    await untilConnection(page, 'Live');
    if (size === 'phone') await page.getByRole('button', { name: /^Filters and view/ }).click();
    await page.getByRole('button', { name: 'Select', exact: true }).click();
    await page.getByRole('button', { name: 'Select all' }).click();
    await page.getByText('3 selected.').waitFor();
    const complaints = [...(await inspectView(page, `fleet-selection-${size}`))];
    await page.getByRole('button', { name: 'Labels' }).click();
    await page.getByRole('dialog').getByRole('list', { name: 'Labels' }).waitFor();
    complaints.push(...(await inspectView(page, `bulk-labels-${size}`)));
    expect(complaints).toEqual([]);
  });
});
