import { newTaskId } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import type { StartTaskBus } from './task-bus-under-test.ts';
import { CANCELLED, COMPLETED, FAILED } from './task-factory.ts';
import { startRunningScenario, startScenario, until } from './task-scenario.ts';

export function describeCancelling(startBus: StartTaskBus): void {
  const startRunning = () => startRunningScenario(startBus);

  describe('cancelling', () => {
    it('ends a queued task at once, so that it never starts', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const { id } = await scene.create();
      expect(await scene.hub.cancel(id)).toEqual({ type: 'cancelled' });
      const task = await scene.hub.read(id);
      expect(task).toMatchObject({ status: 'cancelled', version: 2, attempt: 0, startedAtMs: null });
      expect(task?.endedAtMs).toEqual(expect.any(Number));
      expect((await scene.events()).at(-1)).toMatchObject({
        kind: 'ended',
        task: { id, version: 2, status: 'cancelled', endedAtMs: task?.endedAtMs },
      });
      expect(await runner.messagesAbout(id)).toEqual([{ type: 'deny', task: id, reason: 'cancelled' }]);
      expect(await runner.say(runner.claimReport(id))).toEqual({ type: 'repeated' });
      expect((await runner.messagesAbout(id)).map(({ type }) => type)).toEqual(['deny', 'deny']);
      expect(await scene.hub.read(id)).toEqual(task);
    });

    it('removes the offer of a queued task', async () => {
      await using scene = await startScenario(startBus);
      const { id } = await scene.create();
      await scene.hub.cancel(id);
      const other = await scene.create();
      const runner = await scene.startRunner();
      await until('the other offer', () => runner.offers.length > 0);
      expect(runner.offers.map(({ task }) => task)).toEqual([other.id]);
    });

    it('asks the runner of a running task to end it, which goes on until it has', async () => {
      await using scene = await startRunning();
      const { runner, id, grant } = scene;
      expect(await scene.hub.cancel(id)).toEqual({ type: 'cancelling' });
      const task = await scene.hub.read(id);
      expect(task).toMatchObject({ status: 'running', version: 3, endedAtMs: null });
      expect(task?.cancelRequestedAtMs).toEqual(expect.any(Number));
      expect((await scene.events()).at(-1)).toMatchObject({
        kind: 'cancelling',
        task: { id, version: 3, status: 'running', cancelRequestedAtMs: task?.cancelRequestedAtMs },
      });
      expect((await runner.messagesAbout(id)).at(-1)).toEqual({
        type: 'cancel',
        task: id,
        attempt: grant.attempt,
      });
      expect(await runner.say(runner.progressReport(grant, 1))).toEqual({ type: 'applied' });
      expect(await runner.say(runner.endReport(grant, CANCELLED))).toEqual({ type: 'applied' });
      expect(await scene.hub.read(id)).toMatchObject({
        status: 'cancelled',
        cancelRequestedAtMs: task?.cancelRequestedAtMs,
        version: 5,
      });
    });

    it('of a running task is announced once', async () => {
      await using scene = await startRunning();
      const { id } = scene;
      const second = await scene.startHub();
      const outcomes = await Promise.all([scene.hub, second, scene.hub, second].map((hub) => hub.cancel(id)));
      expect(outcomes).toEqual(outcomes.map(() => ({ type: 'cancelling' })));
      const before = await scene.hub.read(id);
      expect(await scene.hub.cancel(id)).toEqual({ type: 'cancelling' });
      expect(await scene.hub.read(id)).toEqual(before);
      expect((await scene.events()).filter(({ kind }) => kind === 'cancelling')).toHaveLength(1);
      expect((await scene.runner.messagesAbout(id)).map(({ type }) => type)).toEqual(['grant', 'cancel']);
    });

    it('does not keep a task from completing that was faster', async () => {
      await using scene = await startRunning();
      const { runner, id, grant } = scene;
      await scene.hub.cancel(id);
      await runner.say(runner.endReport(grant, COMPLETED));
      expect(await scene.hub.read(id)).toMatchObject({ status: 'completed' });
      expect(await scene.hub.cancel(id)).toEqual({ type: 'ended', status: 'completed' });
    });

    it.each([COMPLETED, FAILED])('after the end says that it is $status', async (outcome) => {
      await using scene = await startRunning();
      const { runner, id, grant } = scene;
      await runner.say(runner.endReport(grant, outcome));
      const before = await scene.hub.read(id);
      expect(await scene.hub.cancel(id)).toEqual({ type: 'ended', status: outcome.status });
      expect(await scene.hub.read(id)).toEqual(before);
    });

    it('what is cancelled says so again, and changes nothing', async () => {
      await using scene = await startRunning();
      const waiting = await scene.create();
      await scene.hub.cancel(waiting.id);
      await scene.runner.say(scene.runner.endReport(scene.grant, CANCELLED));
      const before = await scene.events();
      expect(await scene.hub.cancel(waiting.id)).toEqual({ type: 'cancelled' });
      expect(await scene.hub.cancel(scene.id)).toEqual({ type: 'cancelled' });
      expect(await scene.events()).toEqual(before);
    });

    it('of an unknown task says so', async () => {
      await using scene = await startScenario(startBus);
      expect(await scene.hub.cancel(newTaskId())).toEqual({ type: 'unknown' });
    });

    it('races a claim, and one of both wins', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const second = await scene.startHub();
      for (let round = 0; round < 20; round++) {
        const { id } = await scene.create();
        const [outcome] = await Promise.all([second.cancel(id), runner.say(runner.claimReport(id))]);
        const types = (await runner.messagesAbout(id)).map(({ type }) => type);
        const task = await scene.hub.read(id);
        if (outcome.type === 'cancelled') {
          expect(types).not.toContain('grant');
          expect(task).toMatchObject({ status: 'cancelled', attempt: 0 });
        } else {
          expect(outcome.type).toBe('cancelling');
          expect(types).toEqual(['grant', 'cancel']);
          expect(task).toMatchObject({ status: 'running', attempt: 1 });
        }
      }
    });
  });

  describe('repeating a cancel', () => {
    it('asks the runner again, without an event', async () => {
      await using scene = await startRunning();
      const { runner, id, grant } = scene;
      await scene.hub.cancel(id);
      const before = await scene.hub.read(id);
      expect(await scene.hub.repeatCancel(id, 0)).toBe(true);
      const cancel = { type: 'cancel', task: id, attempt: grant.attempt };
      expect(await runner.messagesAbout(id)).toEqual([grant, cancel, cancel]);
      expect(await scene.hub.read(id)).toEqual(before);
    });

    it('waits for its time after the request, and again after each repetition', async () => {
      await using scene = await startRunning();
      const second = await scene.startHub();
      await scene.hub.cancel(scene.id);
      expect(await scene.hub.repeatCancel(scene.id, 60_000)).toBe(false);
      await until('a repetition', () => scene.hub.repeatCancel(scene.id, 300));
      const again = await Promise.all([scene.hub, second].map((hub) => hub.repeatCancel(scene.id, 60_000)));
      expect(again).toEqual([false, false]);
      expect((await scene.runner.messagesAbout(scene.id)).map(({ type }) => type)).toEqual([
        'grant',
        'cancel',
        'cancel',
      ]);
    });

    it('is done by one of several hubs', async () => {
      await using scene = await startRunning();
      const hubs = [scene.hub, await scene.startHub(), await scene.startHub()];
      await scene.hub.cancel(scene.id);
      let repetitions: boolean[] = [];
      await until('a repetition', async () => {
        repetitions = await Promise.all(hubs.map((hub) => hub.repeatCancel(scene.id, 500)));
        return repetitions.includes(true);
      });
      expect(repetitions.filter(Boolean)).toHaveLength(1);
    });

    it('does nothing for a task that was not cancelled, that has ended, or that is unknown', async () => {
      await using scene = await startRunning();
      const { runner, hub, id, grant } = scene;
      expect(await hub.repeatCancel(id, 0)).toBe(false);
      await hub.cancel(id);
      await runner.say(runner.endReport(grant, CANCELLED));
      expect(await hub.repeatCancel(id, 0)).toBe(false);
      expect(await hub.repeatCancel(newTaskId(), 0)).toBe(false);
      const waiting = await scene.create();
      expect(await hub.repeatCancel(waiting.id, 0)).toBe(false);
    });
  });
}
