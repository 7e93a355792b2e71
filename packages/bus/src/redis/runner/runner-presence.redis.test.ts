import { runnerKey } from '@booner/protocol/redis-names';
import { describe, expect, it } from 'vitest';
import { HOST } from '../../testing/contract/sample-factory.ts';
import { makePresence, OTHER_RUNNER, SECOND_START } from '../../testing/contract/task-factory.ts';
import { until } from '../../testing/contract/task-scenario.ts';
import { startTaskScenario } from '../../testing/test-task-bus.ts';
import { aclOf, waysTo } from '../../testing/test-users.ts';

type Scene = Awaited<ReturnType<typeof startTaskScenario>>;

/** Longer than any test holds writes back, and shorter than a runner waits for an answer. */
const HELD_MS = 4000;

/**
 * Delays each write but answers reads, like a network that is slow at the wrong moment. Writes are
 * carried out in the order of arrival.
 */
async function holdWrites({ redis }: Scene) {
  await redis.call('CLIENT', 'PAUSE', String(HELD_MS), 'WRITE');
  return {
    /** Waits until so many runners wait for the answer to a change of their presence. */
    untilHeld: (runners: number) =>
      until(`${runners} runners to write`, async () => {
        const clients = String(await redis.client('LIST')).split('\n');
        const held = clients.filter((line) =>
          / name=booner-runner-.* flags=\w*b.* cmd=(set|del) /.test(line),
        );
        return held.length === runners;
      }),
    release: () => redis.call('CLIENT', 'UNPAUSE'),
  };
}

/** Starts a runner that serves, once it has nothing more to announce. */
async function startServing(scene: Scene) {
  const runner = await scene.startRunner();
  await runner.start((await scene.create()).id);
  return runner;
}

const holderOf = async ({ redis }: Scene): Promise<string | undefined> =>
  /"instance":"([\w.-]+)"/.exec((await redis.get(runnerKey(HOST))) ?? '')?.[1];

describe('two runners that look at the presence of a host before either has written', () => {
  it('as starts of one runner leave it to the later one, for good', async () => {
    await using scene = await startTaskScenario();
    const first = await startServing(scene);
    const second = await scene.startSilentRunner(SECOND_START);
    const writes = await holdWrites(scene);
    second.runner.present(makePresence());
    await writes.untilHeld(1);
    first.runner.present(makePresence({ version: '0.0.1' }));
    await writes.untilHeld(2);
    await writes.release();
    await until('the earlier start to give way', () => first.serving.at(-1) === false);
    second.runner.present(makePresence({ version: '0.0.2' }));
    await until('the later start to go on', async () => {
      return (await scene.hub.readRunner(HOST))?.presence.version === '0.0.2';
    });
    expect(await holderOf(scene)).toBe(SECOND_START);
    expect(second.serving).toEqual([true]);
  });

  it('as two runners leave it to one of them', async () => {
    await using scene = await startTaskScenario();
    const runners = [await scene.startSilentRunner(), await scene.startSilentRunner(OTHER_RUNNER)];
    const writes = await holdWrites(scene);
    for (const { runner } of runners) runner.present(makePresence());
    await writes.untilHeld(2);
    await writes.release();
    await until('both to know', () => runners.every(({ serving }) => serving.length > 0));
    expect(runners.map(({ serving }) => serving[0]).toSorted()).toEqual([false, true]);
    const serving = runners.find(({ serving: [is] }) => is);
    expect(await holderOf(scene)).toBe(serving?.me.instance);
  });

  it('leave it in place when the earlier start removes its own', async () => {
    await using scene = await startTaskScenario();
    const first = await startServing(scene);
    const second = await scene.startSilentRunner(SECOND_START);
    const writes = await holdWrites(scene);
    second.runner.present(makePresence());
    await writes.untilHeld(1);
    const leaving = first.runner.leave();
    await writes.untilHeld(2);
    await writes.release();
    await leaving;
    await until('the later start to serve', () => second.serving.at(-1) === true);
    expect(await holderOf(scene)).toBe(SECOND_START);
  });
});

describe('a runner whose user was made before runners used transactions', () => {
  const BEFORE = / \+(multi|exec|unwatch|watch)(?=[ )])/g;
  const runnersOnly = (acl: string) =>
    acl
      .split('\n')
      .map((line) => (line.startsWith('user booner-runner-') ? line.replaceAll(BEFORE, '') : line))
      .join('\n');

  it('serves its host, removes its presence, and says once what it lacks', async () => {
    const acl = runnersOnly(aclOf([HOST]));
    await using scene = await startTaskScenario({ acl }, ({ url }) => waysTo(url));
    const runner = await scene.startRunner();
    const { id } = await scene.create();
    await runner.start(id);
    runner.runner.present(makePresence({ running: [id] }));
    await until('what it runs', async () => {
      return (await scene.hub.readRunner(HOST))?.presence.running[0] === id;
    });
    expect(runner.serving).toEqual([true]);
    await runner.runner.leave();
    expect(await scene.hub.readRunner(HOST)).toBeNull();
    expect(scene.bus.refusals).toEqual([expect.stringMatching(/may not WATCH.*\(NOPERM\)/)]);
  });

  it('gives way to a later start, and leaves the place to another runner', async () => {
    const acl = runnersOnly(aclOf([HOST]));
    await using scene = await startTaskScenario({ acl }, ({ url }) => waysTo(url));
    const first = await startServing(scene);
    await scene.startRunner(SECOND_START);
    first.runner.present(makePresence());
    const other = await scene.startSilentRunner(OTHER_RUNNER);
    other.runner.present(makePresence());
    await until('both to be turned away', () =>
      [first, other].every(({ serving }) => serving.at(-1) === false),
    );
    expect(await holderOf(scene)).toBe(SECOND_START);
  });
});
