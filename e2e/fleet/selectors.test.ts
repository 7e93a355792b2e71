import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreatedToken } from '@booner/protocol';
import { eventually, type HubProcess, startHub, startRedis, startSimulatedFleet } from '@booner/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, makeToken } from '../access/asking.ts';
import { type Booner, boonerFor } from '../cli/booner.ts';
import {
  ALWAYS,
  acknowledgedByCommand,
  mutedByQuietHours,
  mutedBySilence,
  openAlert,
  triedByRule,
  watchedByRule,
} from './alert-selectors.ts';

let hub: HubProcess;
let booner: Booner;
let host: string;
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
beforeAll(async () => {
  const redis = stack.use(await startRedis());
  const directory = await mkdtemp(join(tmpdir(), 'booner-history-'));
  stack.defer(() => rm(directory, { recursive: true }));
  const env = { BOONER_INTERVAL_MS: '1000', BOONER_HISTORY_DIR: directory };
  hub = stack.use(await startHub({ redisUrl: redis.url, auth: 'first', env }));
  const fleet = await startSimulatedFleet({ redisUrl: redis.url, count: 1, intervalMs: 1000 });
  stack.use(fleet);
  host = fleet.hosts[0] ?? '';
  booner = stack.use(await boonerFor(hub.url));
  await eventually(async () => (await get('/history?metric=cpu')).targets.length === 1, {
    what: 'the history of the target',
  });
  const body = { external: true, status: 'running', host, action: 'backup' };
  expect((await ask(hub, 'POST', '/tasks', { token: hub.adminToken, body })).status).toBe(202);
  await openAlert(hub, ALWAYS);
});

const get = async (path: string, token = hub.adminToken) => (await ask(hub, 'GET', path, { token })).json;

type Hosts = readonly { readonly host: string }[];
type Listed = { readonly targets?: Hosts; readonly tasks?: Hosts; readonly alerts?: Hosts };
const hostsOf = ({ targets, tasks, alerts }: Listed) =>
  (targets ?? tasks ?? alerts ?? []).map((each) => each.host);

const route = (path: string) => async (selector: string) =>
  hostsOf(await get(`${path}${path.includes('?') ? '&' : '?'}selector=${encodeURIComponent(selector)}`));

const command =
  (...args: readonly string[]) =>
  async (selector: string) =>
    hostsOf(
      await booner.json<Listed>([...args, '--selector', selector], { env: { BOONER_TOKEN: hub.adminToken } }),
    );

/** Returns the targets in the first line of the live status. */
async function watch(selector: string): Promise<readonly string[]> {
  const watching = booner.start(['status', '--watch', '--json', '--selector', selector], {
    env: { BOONER_TOKEN: hub.adminToken },
  });
  await eventually(() => watching.stdout().includes('\n'), { what: 'the first line' });
  const [line = ''] = watching.stdout().split('\n');
  watching.kill('SIGTERM');
  await watching.ended;
  return hostsOf(JSON.parse(line));
}

async function tokenOverHttp(reads: string): Promise<readonly string[]> {
  const { token } = await makeToken(hub, { name: 'reader', role: 'viewer', reads });
  return hostsOf(await get('/targets', token));
}

async function tokenOfCommand(reads: string): Promise<readonly string[]> {
  const { token } = await booner.json<CreatedToken>(
    ['token', 'create', 'reader', '--role', 'viewer', '--reads', reads],
    { env: { BOONER_TOKEN: hub.adminToken } },
  );
  return hostsOf(await get('/targets', token));
}

const ofAlerts =
  (select: typeof watchedByRule): ((selector: string) => Promise<readonly string[]>) =>
  (selector) =>
    select({ hub, booner }, selector);

it.each<readonly [where: string, select: (selector: string) => Promise<readonly string[]>]>([
  ['GET /targets', route('/targets')],
  ['GET /tasks', route('/tasks')],
  ['GET /history', route('/history?metric=cpu')],
  ['booner targets', command('targets')],
  ['booner target list', command('target', 'list')],
  ['booner status', command('status')],
  ['booner status --watch', watch],
  ['booner tasks', command('tasks')],
  ['booner top', command('top')],
  ['POST /tokens', tokenOverHttp],
  ['booner token create --reads', tokenOfCommand],
  ['GET /alerts', route(`/alerts?rule=${ALWAYS}`)],
  ['booner alerts', command('alerts', '--rule', ALWAYS)],
  ['booner alert ack', ofAlerts(acknowledgedByCommand)],
  ['PUT /alert-rules', ofAlerts(watchedByRule)],
  ['POST /alert-rules/test', ofAlerts(triedByRule)],
  ['POST /silences', ofAlerts(mutedBySilence)],
  ['PUT /quiet-hours', ofAlerts(mutedByQuietHours)],
])('the empty selector selects nothing in %s, and * everything', async (_, select) => {
  expect(await select('*')).toEqual([host]);
  expect(await select('')).toEqual([]);
  expect(await select('  ')).toEqual([]);
});
