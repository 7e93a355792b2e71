import { describe, expect, it } from 'vitest';
import { HOST } from './sample-factory.ts';
import type { StartTaskBus } from './task-bus-under-test.ts';
import { FAILED, SECOND_START } from './task-factory.ts';
import { startScenario } from './task-scenario.ts';

const THREE = { idempotent: true, attempts: 3 } as const;
const RESTARTED = 'runner restarted while the task ran';

export function describeAttempts(startBus: StartTaskBus): void {
  /** A task that may have three starts, in its first. */
  const startRetried = async () => {
    const scene = await startScenario(startBus);
    const runner = await scene.startRunner();
    const { id } = await scene.create();
    return { ...scene, runner, id, grant: await runner.start(id, THREE) };
  };

  describe('the attempts of a task', () => {
    it('are limited as the claim says, or to 3 if it only says idempotent', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const limitOf = async (claim: Parameters<typeof runner.start>[1]) => {
        const { id } = await scene.create();
        await runner.start(id, claim);
        return (await scene.hub.read(id))?.maxAttempts;
      };
      expect(await limitOf({ idempotent: true, attempts: 5 })).toBe(5);
      expect((await scene.events()).at(-1)).toMatchObject({ kind: 'started', task: { maxAttempts: 5 } });
      expect(await limitOf(true)).toBe(3);
      expect(await limitOf(false)).toBeNull();
    });

    it('are counted by the runner within a grant', async () => {
      await using scene = await startRetried();
      const { runner, grant, id } = scene;
      expect(grant.number).toBe(1);
      const report = (counter: number, number?: number) =>
        runner.say({ ...runner.progressReport(grant, counter, 7), ...(number && { number }) });
      await report(1);
      await report(2, 2);
      expect((await scene.events()).slice(2)).toMatchObject([
        { kind: 'progress', task: { version: 3 } },
        { kind: 'progress', task: { version: 4, attempt: 2 } },
      ]);
      await report(3, 1);
      expect(await scene.hub.read(id)).toMatchObject({ version: 4, attempt: 2, maxAttempts: 3 });
      await runner.say({ ...runner.endReport(grant, FAILED), number: 3 });
      expect(await scene.hub.read(id)).toMatchObject({ status: 'failed', attempt: 3 });
    });

    it('are not counted past their limit', async () => {
      await using scene = await startRetried();
      const { runner, grant, id } = scene;
      await runner.say({ ...runner.progressReport(grant, 1), number: 4 });
      expect(await scene.hub.read(id)).toMatchObject({ attempt: 1 });
      const { id: once } = await scene.create();
      const other = await runner.start(once);
      await runner.say({ ...runner.endReport(other), number: 2 });
      expect(await scene.hub.read(once)).toMatchObject({ status: 'completed', attempt: 1 });
    });

    it('include those that only the runner knows of, after its restart', async () => {
      await using scene = await startRetried();
      const { id } = scene;
      await scene.runner.runner[Symbol.asyncDispose]();
      const second = await scene.startRunner(SECOND_START);
      expect(await second.start(id, { ...THREE, starts: 2 })).toMatchObject({ number: 3 });
      expect(await scene.hub.read(id)).toMatchObject({ status: 'running', attempt: 3 });
    });

    it('are used up when the runner remembers the last one', async () => {
      await using scene = await startRetried();
      const { id } = scene;
      await scene.runner.runner[Symbol.asyncDispose]();
      const second = await scene.startRunner(SECOND_START);
      const claim = second.claimReport(id, { ...THREE, starts: 3 });
      expect(await second.nextMessage(id, () => second.say(claim))).toMatchObject({ type: 'deny' });
      expect(await scene.hub.read(id)).toMatchObject({
        ...{ status: 'failed', attempt: 3, maxAttempts: 3 },
        error: `${RESTARTED} (attempt 3 of 3)`,
      });
    });

    it('are used up although the hubs lost what they knew of them', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const { id } = await scene.create();
      await runner.say(runner.claimReport(id, { ...THREE, starts: 3 }));
      expect(await scene.hub.read(id)).toMatchObject({ status: 'failed', attempt: 3 });
    });

    it('of an action that allows fewer end earlier with its runner', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const { id } = await scene.create();
      await runner.start(id, { idempotent: true, attempts: 1 });
      await scene.bus.expirePresence(HOST);
      expect(await scene.hub.endLost(id, 1, 'agent lost')).toBe('ended');
      expect(await scene.hub.read(id)).toMatchObject({ error: 'agent lost (attempt 1 of 1)' });
    });
  });
}
