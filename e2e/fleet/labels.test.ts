import type { Target } from '@booner/protocol';
import { eventually, type HubProcess, startAgent, startHub, startRedis } from '@booner/testkit';
import { expect, it } from 'vitest';
import { ask } from '../access/asking.ts';
import { boonerFor } from '../cli/booner.ts';
import { connectOperator } from './operator.ts';

const HOST = '127.0.0.2';
const env = { BOONER_INTERVAL_MS: '1000' };
const declared = { ...env, BOONER_LABELS: 'role=web, env=prod' };

const targetOf = async (hub: HubProcess) => (await ask(hub, 'GET', `/targets/${HOST}`)).json as Target;
const selected = async (hub: HubProcess, selector: string) => {
  const { json } = await ask(hub, 'GET', `/targets?selector=${encodeURIComponent(selector)}`);
  return (json.targets as Target[]).map(({ host }) => host);
};

it('operators label a target on any hub, over what its agent declares, until it is removed', async () => {
  await using redis = await startRedis();
  const [one, two] = await Promise.all([1, 2].map(() => startHub({ redisUrl: redis.url, env })));
  await using first = one!;
  await using second = two!;
  await using agent = await startAgent({ redisUrl: redis.url, hostId: HOST, env: declared });
  await eventually(async () => (await targetOf(second)).status === 'active', {
    what: 'the target on both hubs',
  });
  expect(await targetOf(second)).toMatchObject({
    labels: { role: 'web', env: 'prod' },
    operatorLabels: {},
    system: { os: process.platform, arch: process.arch },
  });

  await using booner = await boonerFor(first.url);
  const labelled = await booner.json(['target', 'label', HOST, 'role=db', 'note=rack 4, left']);
  const labels = { role: 'db', env: 'prod', note: 'rack 4, left' };
  expect(labelled).toEqual({ host: HOST, labels, operatorLabels: { role: 'db', note: 'rack 4, left' } });
  await eventually(async () => (await targetOf(second)).operatorLabels?.role === 'db', {
    what: 'the label on the other hub',
  });
  expect(await selected(second, 'role=db,env!=test,host=127.*')).toEqual([HOST]);
  expect(await selected(second, 'role=web')).toEqual([]);
  expect(await selected(second, '')).toEqual([]);

  const listed = await booner.run(['targets', '--selector', 'note="rack 4, left"']);
  expect(listed.stdout).toContain(HOST);
  const none = await booner.run(['targets', '--selector', '']);
  expect(none).toMatchObject({ code: 0, stdout: '', stderr: 'No target matches.\n' });
  const wrong = await booner.run(['status', '--selector', 'role=']);
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(wrong.stderr).toMatch(/for an empty value write role="".*\(at character 6\)/);

  await agent.stop();
  await using again = await startAgent({
    redisUrl: redis.url,
    hostId: HOST,
    env: { ...env, BOONER_LABELS: 'role=cache' },
  });
  await eventually(async () => (await targetOf(first)).labels?.env === undefined, {
    what: 'what the agent declares now',
  });
  expect(await targetOf(first)).toMatchObject({ labels: { role: 'db', note: 'rack 4, left' } });
  expect((await booner.run(['target', 'label', HOST, 'role-'])).code).toBe(0);
  const shown = await booner.run(['target', 'label', HOST, '--list']);
  expect(shown.stdout).toMatch(/^note +rack 4, left +operator\nrole +cache +agent$/m);
  expect((await booner.run(['targets', HOST])).stdout).toMatch(
    /^labels +note=rack 4, left \(operator\), role=cache \(agent\)$/m,
  );

  // Its agent registers it again, without what operators set.
  expect((await ask(second, 'DELETE', `/targets/${HOST}`)).status).toBe(200);
  await eventually(async () => (await targetOf(first)).labels?.role === 'cache', {
    what: 'the target without labels of operators',
  });
  using operator = connectOperator(redis.url);
  await eventually(async () => (await operator.redis.hget('booner:targets', HOST))?.includes('"labels":{}'), {
    what: 'the registration without labels',
  });
  expect(again.hostId).toBe(HOST);
});
