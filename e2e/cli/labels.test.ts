import type { Target } from '@booner/protocol';
import { eventually, type HubProcess, startHub, startRedis, startSimulatedFleet } from '@booner/testkit';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ask, makeToken } from '../access/asking.ts';
import { type Booner, boonerFor } from './booner.ts';

const SAID = ['db', 'db', 'web'];

let hub: HubProcess;
let booner: Booner;
let hosts: readonly string[];
let asAdmin: { readonly env: Readonly<Record<string, string>> };
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
beforeAll(async () => {
  const redis = stack.use(await startRedis());
  hub = stack.use(await startHub({ redisUrl: redis.url, auth: 'first' }));
  const shape = (index: number) => ({ labels: { role: SAID[index] ?? '' } });
  const fleet = stack.use(
    await startSimulatedFleet({ redisUrl: redis.url, count: SAID.length, intervalMs: 1000, shape }),
  );
  ({ hosts } = fleet);
  booner = stack.use(await boonerFor(hub.url));
  asAdmin = { env: { BOONER_TOKEN: hub.adminToken } };
  await eventually(async () => (await listTargets()).filter(({ labels }) => labels?.role).length === 3, {
    what: 'the labels of the agents',
  });
});
/** An operator set the role of the first target only. */
beforeEach(async () => {
  for (const [index, host] of hosts.entries()) {
    const labels = { role: index === 0 ? 'db' : null, env: null, old: 'yes' };
    await ask(hub, 'PATCH', `/targets/${host}`, { token: hub.adminToken, body: { labels } });
  }
});

const listTargets = async (): Promise<readonly Target[]> =>
  (await ask(hub, 'GET', '/targets', { token: hub.adminToken })).json.targets;
const operatorLabels = async () =>
  (await listTargets()).map(({ operatorLabels: { env = '', old = '' } = {} }) => [env, old].join());
const label = (...args: readonly string[]) => booner.run(['target', 'label', ...args], asAdmin);

it('labels all targets that a selector matches once a person has seen and confirmed them', async () => {
  const args = ['target', 'label', '--selector', 'role=db', 'env=prod', 'old-'];
  const refusing = booner.start(args, { ...asAdmin, inTerminal: true });
  await eventually(() => refusing.stdout().includes('Change the labels of 2 targets? [y/N]'), {
    what: 'the question',
  });
  expect(refusing.stdout()).toMatch(/^10\.0\.0\.1 .*env=prod, old-\r?$/m);
  refusing.write('\r');
  expect(await refusing.ended).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('no labels were changed'),
  });
  expect(await operatorLabels()).toEqual([',yes', ',yes', ',yes']);

  const agreeing = booner.start(args, { ...asAdmin, inTerminal: true });
  await eventually(() => agreeing.stdout().includes('[y/N]'), { what: 'the question' });
  agreeing.write('y\r');
  const { code, stdout } = await agreeing.ended;
  expect(code).toBe(0);
  for (const host of hosts.slice(0, 2)) expect(stdout).toContain(`${host}: env=prod role=db`);
  expect(await operatorLabels()).toEqual(['prod,', 'prod,', ',yes']);
});

it('does not ask with --yes, where nothing that agents report decides', async () => {
  const unasked = await label('-l', 'role=db', 'env=prod');
  expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('pass --yes') });
  for (const [selector, why] of [
    ['role=db', `labels of agents must not decide which targets match, as for ${hosts[1]}`],
    ['role!=web', `as for ${hosts[2]}`],
    ['os=linux', 'is reported by the agent'],
  ] as const) {
    const refused = await label('-l', selector, 'env=prod', '--yes');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(why) });
  }
  expect(await operatorLabels()).toEqual([',yes', ',yes', ',yes']);
  const { labelled, notLabelled } = await booner.json<{ labelled: Target[]; notLabelled: unknown }>(
    ['target', 'label', '-l', `host=${hosts[1]}`, 'env=prod', '--yes'],
    asAdmin,
  );
  expect(notLabelled).toEqual([]);
  expect(labelled).toEqual([
    {
      host: hosts[1],
      labels: { role: 'db', env: 'prod', old: 'yes' },
      operatorLabels: { env: 'prod', old: 'yes' },
    },
  ]);
  const none = await label('-l', 'role=nothing', 'env=prod', '--yes');
  expect(none).toMatchObject({ code: 0, stdout: '', stderr: 'No target matches.\n' });
});

it('selects nothing with an empty selector, and says so', async () => {
  for (const selector of ['', ' ']) {
    const refused = await label('--selector', selector, 'env=prod', '--yes');
    expect(refused).toMatchObject({
      code: 2,
      stdout: '',
      stderr: "booner: the selector is empty, so it selects nothing\n  write '*' to label all targets\n",
    });
  }
  expect(await operatorLabels()).toEqual([',yes', ',yes', ',yes']);
});

it('completes hosts', async () => {
  const { stdout } = await booner.run(['complete', '--', 'target', 'label', ''], asAdmin);
  for (const host of hosts) expect(stdout).toContain(host);
});

it('labels several named targets, and none if one of them is not a target', async () => {
  const [first = '', second = ''] = hosts;
  const wrong = await label(first, '10.9.9.9', 'env=prod', '--yes');
  expect(wrong).toMatchObject({ code: 5, stderr: expect.stringContaining('10.9.9.9 is not a target') });
  const forgotten = await label(first, 'env', 'old-', '--yes');
  expect(forgotten).toMatchObject({ code: 5, stderr: expect.stringContaining('write env=VALUE') });
  expect((await label(first, second)).code).toBe(2);
  expect((await label(first, second, '--list')).code).toBe(2);
  expect((await label(first, '-l', 'role=db', 'env=prod')).code).toBe(2);
  expect(await operatorLabels()).toEqual([',yes', ',yes', ',yes']);
  const both = await label(first, second, first, 'env=prod', '--yes');
  expect(both).toMatchObject({
    code: 0,
    stdout: `${first}: env=prod old=yes role=db\n${second}: env=prod old=yes role=db\n`,
  });
});

it('reports the outcome for each target, and fails if one was not labelled', async () => {
  const [first = '', second = '', third = ''] = hosts;
  const scoped = await makeToken(hub, { name: 'scoped', role: 'admin', hosts: [first, third] });
  const env = { BOONER_TOKEN: scoped.token };
  const args = ['target', 'label', '-l', '*', 'env=prod', '--yes'];
  const end = await booner.run(args, { env });
  expect(end.code).toBe(1);
  expect(end.stdout).toMatch(
    new RegExp(`^${first}: env=prod .*\n${second}: not labelled\\. .*\n${third}: env=prod .*\n$`),
  );
  expect(end.stderr).toBe('booner: 1 of 3 targets were not labelled\n');
  expect(await operatorLabels()).toEqual(['prod,yes', ',yes', 'prod,yes']);
  const json = await booner.json<object>(args, { env, code: 1 });
  expect(json).toMatchObject({
    labelled: [{ host: first }, { host: third }],
    notLabelled: [{ host: second, reason: expect.stringMatching(/./) }],
  });
});
