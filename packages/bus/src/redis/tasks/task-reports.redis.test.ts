import { HUBS_GROUP, REPORTS_KEY } from '@booner/protocol/redis-names';
import { startTcpProxy, type TcpProxy } from '@booner/testkit';
import { expect, it } from 'vitest';
import { untilConnected } from '../../testing/contract/connection-contract.ts';
import { nextReport } from '../../testing/contract/task-scenario.ts';
import { until } from '../../testing/test-bus.ts';
import { startTaskScenario } from '../../testing/test-task-bus.ts';
import { runScript } from '../connection/run-script.ts';
import { PRUNE_CONSUMERS } from './task-scripts.ts';
import { startRedisTasks } from './tasks.ts';

const kindsOf = (events: readonly { kind: string }[]) => events.map(({ kind }) => kind);

it('one report that two hubs hold is one transition', async () => {
  await using scene = await startTaskScenario();
  const other = await scene.startHub();
  const runner = await scene.startRunner();
  const { id } = await scene.create();
  const grant = await runner.start(id);
  await runner.send(runner.endReport(grant));
  const mine = await nextReport(scene.hub);
  const [theirs] = await other.takeOverReports(0, 10);
  expect(theirs).toEqual(mine);
  const outcomes = await Promise.all([scene.hub.apply(mine), other.apply(mine)]);
  expect(outcomes.map(({ type }) => type).toSorted()).toEqual(['applied', 'repeated']);
  expect(kindsOf(await scene.events())).toEqual(['created', 'started', 'ended']);
  expect(await scene.redis.xlen(REPORTS_KEY)).toBe(0);
});

it('a report whose hub died between reading and applying is applied by another one, once', async () => {
  await using scene = await startTaskScenario();
  const runner = await scene.startRunner();
  const { id } = await scene.create();
  const grant = await runner.start(id);
  await runner.send(runner.endReport(grant));
  const dying = await scene.startHub();
  const lost = await nextReport(dying);
  await dying[Symbol.asyncDispose]();
  const waiting = scene.hub.nextReports(10);
  expect(await scene.hub.takeOverReports(60_000, 10)).toEqual([]); // not yet
  const taken = await scene.hub.takeOverReports(0, 10);
  expect(taken).toEqual([lost]);
  expect(await scene.hub.apply(lost)).toEqual({ type: 'applied' });
  expect(await waiting).toEqual([]);
  expect(await scene.hub.takeOverReports(0, 10)).toEqual([]);
  expect(kindsOf(await scene.events())).toEqual(['created', 'started', 'ended']);
});

it('a hub that restarts under its name first gets what it read and did not apply', async () => {
  await using scene = await startTaskScenario();
  const runner = await scene.startRunner();
  const { id } = await scene.create();
  const claim = runner.claimReport(id);
  await runner.send(claim);
  const redis = { url: scene.server.url };
  for (let start = 1; start <= 3; start += 1) {
    await using hub = await startRedisTasks({ redis, hub: 'the-same' });
    await untilConnected(hub);
    const received = await nextReport(hub);
    expect(received.report).toEqual(claim);
    if (start < 3) continue;
    expect(await hub.apply(received)).toEqual({ type: 'applied' });
  }
});

it('a connection that is cut in the middle of a report makes it arrive twice, and one transition', async () => {
  let proxy: TcpProxy | undefined;
  await using scene = await startTaskScenario({}, async (server) => {
    proxy = await startTcpProxy({ targetPort: server.port });
    return { runner: { url: `redis://127.0.0.1:${proxy.port}` } };
  });
  await using cable = proxy as TcpProxy;
  const runner = await scene.startRunner();
  const { id } = await scene.create();
  const grant = await runner.start(id);
  const end = runner.endReport(grant);

  cable.delay(300);
  const before = await scene.redis.xlen(REPORTS_KEY);
  const sending = runner.runner.report(end);
  await until('the report to arrive', async () => (await scene.redis.xlen(REPORTS_KEY)) > before);
  cable.cut();
  expect(await sending).toBe('unsent');
  cable.delay(0);
  await until('the report to be sent again', async () => (await runner.runner.report(end)) === 'sent');

  const outcomes = [];
  for (let count = 0; count < 2; count += 1)
    outcomes.push(await scene.hub.apply(await nextReport(scene.hub)));
  expect(outcomes).toEqual([{ type: 'applied' }, { type: 'repeated' }]);
  expect(kindsOf(await scene.events())).toEqual(['created', 'started', 'ended']);
  await until('both answers', async () => {
    const messages = await runner.messagesAbout(id);
    return messages.filter(({ type }) => type === 'settled').length === 2;
  });
});

it('reports that were trimmed off the stream before they were applied do not come again', async () => {
  await using scene = await startTaskScenario();
  const runner = await scene.startRunner();
  const { id } = await scene.create();
  await runner.send(runner.claimReport(id));
  const dying = await scene.startHub();
  await nextReport(dying);
  await scene.redis.xtrim(REPORTS_KEY, 'MAXLEN', 0);
  const redis = { url: scene.server.url };
  await using back = await startRedisTasks({ redis, hub: 'hub-2' });
  await untilConnected(back);
  await runner.send(runner.claimReport(id));
  expect((await nextReport(back)).report).toEqual(runner.claimReport(id));
  expect((await scene.redis.xpending(REPORTS_KEY, HUBS_GROUP))[0]).toBe(1);
});

it('hubs that are gone are removed from the group unless they owe something', async () => {
  await using scene = await startTaskScenario();
  const runner = await scene.startRunner();
  await runner.send(runner.claimReport((await scene.create()).id));
  const names = async () =>
    ((await scene.redis.xinfo('CONSUMERS', REPORTS_KEY, HUBS_GROUP)) as string[][]).map(([, name]) => name);
  const owing = await scene.startHub();
  const received = await nextReport(owing);
  await scene.redis.xgroup('CREATECONSUMER', REPORTS_KEY, HUBS_GROUP, 'gone');
  expect(await names()).toEqual(expect.arrayContaining(['gone', 'hub-2']));
  expect(await scene.hub.prune({ maxEnded: 10, maxAgeMs: 1000 })).toBe(0);
  expect(await names()).toContain('gone'); // seen less than an hour ago
  await until('both to be idle', () => runScript(scene.redis, PRUNE_CONSUMERS, [REPORTS_KEY], [1]));
  expect(await names()).toEqual(['hub-2']);
  expect(await scene.hub.apply(received)).toEqual({ type: 'applied' });
});
