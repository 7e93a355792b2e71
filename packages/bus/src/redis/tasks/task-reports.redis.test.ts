import { HUBS_GROUP, REPORTS_KEY, reportsKey } from '@booner/protocol/redis-names';
import { startTcpProxy, type TcpProxy } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { untilConnected } from '../../testing/contract/connection-contract.ts';
import { HOST } from '../../testing/contract/sample-factory.ts';
import { nextReport } from '../../testing/contract/task-scenario.ts';
import { until } from '../../testing/test-bus.ts';
import { startTaskScenario } from '../../testing/test-task-bus.ts';
import { aclOf, waysTo } from '../../testing/test-users.ts';
import { createReportReader } from './report-reader.ts';
import { startRedisTasks } from './tasks.ts';

const STREAM = reportsKey(HOST);

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
  expect(await scene.redis.xlen(STREAM)).toBe(0);
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
  const before = await scene.redis.xlen(STREAM);
  const sending = runner.runner.report(end);
  await until('the report to arrive', async () => (await scene.redis.xlen(STREAM)) > before);
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
  await scene.redis.xtrim(STREAM, 'MAXLEN', 0);
  const redis = { url: scene.server.url };
  await using back = await startRedisTasks({ redis, hub: 'hub-2' });
  await untilConnected(back);
  await runner.send(runner.claimReport(id));
  expect((await nextReport(back)).report).toEqual(runner.claimReport(id));
  expect((await scene.redis.xpending(STREAM, HUBS_GROUP))[0]).toBe(1);
});

it('a stream that is not used any more is deleted, with the hubs of its group', async () => {
  await using scene = await startTaskScenario();
  const runner = await scene.startRunner();
  const claim = runner.claimReport((await scene.create()).id);
  await runner.say(claim);
  await scene.hub.takeOverReports(60_000, 10);
  expect(await scene.redis.exists(STREAM)).toBe(1); // not yet: its ids would start over
  // As if nothing had been reported for a while.
  await scene.redis.del(STREAM);
  await scene.redis.xadd(STREAM, '5-1', 'report', JSON.stringify(claim));
  await scene.hub.apply(await nextReport(scene.hub));
  await scene.hub.takeOverReports(60_000, 10);
  expect(await scene.redis.exists(STREAM)).toBe(0);
  expect(await runner.say(claim)).toEqual({ type: 'repeated' });
});

it('a report of which a hub was not notified is read after it looked for reports to take over', async () => {
  await using scene = await startTaskScenario();
  const runner = await scene.startRunner();
  const { id } = await scene.create();
  await runner.messagesAbout(id);
  await runner.send(runner.claimReport(id));
  const stopped = new AbortController();
  const unnotified = createReportReader(scene.redis, 'hub-9', () => {}, stopped.signal);
  await unnotified.next(100);
  await runner.send(runner.claimReport(id));
  expect(await unnotified.takeOver(60_000, 10)).toEqual([]);
  expect(await unnotified.next(100)).toMatchObject([{ report: { type: 'claim', task: id } }]);
});

describe('the stream that runners one minor version older share', () => {
  it('is read as well, in turns with those of hosts', async () => {
    await using scene = await startTaskScenario();
    const runner = await scene.startRunner();
    const { id } = await scene.create();
    const claim = runner.claimReport(id);
    await scene.redis.xadd(REPORTS_KEY, '*', 'report', JSON.stringify(claim));
    const received = await nextReport(scene.hub);
    expect(received).toMatchObject({ host: null, report: claim });
    expect(await scene.hub.apply(received)).toEqual({ type: 'applied' });
    expect(await scene.redis.xlen(REPORTS_KEY)).toBe(0);
  });

  it('is used by a runner whose Redis user may not write its own, until it may', async () => {
    const withoutOwn = aclOf([HOST]).replaceAll(` %W~${STREAM}`, '').replaceAll(`%W~${STREAM} `, '');
    await using scene = await startTaskScenario({ acl: withoutOwn }, ({ url }) => waysTo(url));
    const runner = await scene.startRunner();
    const { id } = await scene.create();
    await runner.send(runner.claimReport(id));
    const received = await nextReport(scene.hub);
    expect(received).toMatchObject({ host: null, report: { type: 'claim', task: id } });
    await scene.hub.apply(received);
    expect(scene.bus.refusals).toEqual([expect.stringMatching(/may not XADD.*\(NOPERM\)$/)]);
    // A hub of the next version no longer lets it write the shared one.
    const user = `booner-runner-${HOST}`;
    await scene.redis.acl('SETUSER', user, 'clearselectors', `(%W~${STREAM} +xadd)`);
    await runner.send(runner.claimReport(id));
    expect(await nextReport(scene.hub)).toMatchObject({ host: HOST });
    expect(scene.bus.refusals.filter((text) => text.includes('XADD'))).toHaveLength(1);
  });
});
