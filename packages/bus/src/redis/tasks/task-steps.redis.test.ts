import { expect, it } from 'vitest';
import { HOST, OTHER_HOST } from '../../testing/contract/sample-factory.ts';
import { makeTask } from '../../testing/contract/task-factory.ts';
import { startTaskScenario } from '../../testing/test-task-bus.ts';

type Scene = Awaited<ReturnType<typeof startTaskScenario>>;

/** Returns the number of runs of scripts, which Redis counts. */
async function scriptRuns({ redis }: Scene): Promise<number> {
  const stats = await redis.info('commandstats');
  return Number(/^cmdstat_evalsha:calls=(\d+)/m.exec(stats)?.[1] ?? 0);
}

it('shares runs between steps of one turn, which keep their order', async () => {
  await using scene = await startTaskScenario();
  await scene.create(); // Redis knows the script now
  const before = await scriptRuns(scene);
  const tasks = Array.from({ length: 40 }, () => makeTask({ maxQueued: 100 }));
  const outcomes = await Promise.all(tasks.map((task) => scene.hub.create(task)));
  expect(outcomes.map((outcome) => outcome.type)).toEqual(tasks.map(() => 'created'));
  expect((await scriptRuns(scene)) - before).toBe(2);
  const { tasks: listed } = await scene.hub.list({ limit: 40 });
  expect(listed.map(({ id }) => id)).toEqual(tasks.map(({ id }) => id).toReversed());
});

it('lets a step fail alone', async () => {
  await using scene = await startTaskScenario();
  await scene.redis.set(`booner:queue:${OTHER_HOST}`, 'a string');
  const [first, failing, last] = [makeTask(), makeTask({ host: OTHER_HOST }), makeTask()];
  const [one, other, third] = await Promise.allSettled(
    [first, failing, last].map((task) => scene.hub.create(task)),
  );
  expect(other).toMatchObject({
    status: 'rejected',
    reason: { code: 'refused', reply: 'WRONGTYPE', message: expect.stringContaining(OTHER_HOST) },
  });
  for (const created of [one, third]) expect(created).toMatchObject({ value: { type: 'created' } });
  expect(await scene.hub.read(failing!.id)).toBeNull();
  expect(await scene.redis.scard(`booner:queued:${HOST}`)).toBe(2);
});
