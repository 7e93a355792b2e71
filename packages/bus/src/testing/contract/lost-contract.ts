import { newTaskId, type TaskId } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { HOST } from './sample-factory.ts';
import type { StartTaskBus } from './task-bus-under-test.ts';
import { FIRST_START, makeTask, OTHER_RUNNER, SECOND_START } from './task-factory.ts';
import { startRunningScenario, startScenario, until } from './task-scenario.ts';

const THIRD_START = 'state-aaaaaa.start-333333';
const LOST = 'agent lost';

export function describeLostRunners(startBus: StartTaskBus): void {
  const startRunning = () => startRunningScenario(startBus);

  describe('ending a task whose runner is lost', () => {
    it('ends it failed, with the error, once', async () => {
      await using scene = await startRunning();
      const hubs = [scene.hub, await scene.startHub(), await scene.startHub()];
      await scene.runner.runner[Symbol.asyncDispose]();
      await scene.bus.expirePresence(HOST);
      const ended = await Promise.all(hubs.map((hub) => hub.endLost(scene.id, 1, 'agent lost')));
      expect(ended.toSorted()).toEqual(['ended', 'unchanged', 'unchanged']);
      const task = await scene.hub.read(scene.id);
      expect(task).toMatchObject({ status: 'failed', error: 'agent lost', version: 3, result: null });
      expect((await scene.events()).slice(2)).toMatchObject([
        { kind: 'ended', task: { id: scene.id, version: 3, status: 'failed', error: 'agent lost' } },
      ]);
      expect(await scene.hub.endLost(scene.id, 1, 'agent lost')).toBe('unchanged');
    });

    it('does nothing while a runner of the host is present', async () => {
      await using scene = await startRunning();
      expect(await scene.hub.endLost(scene.id, 1, 'agent lost')).toBe('unchanged');
      expect(await scene.hub.read(scene.id)).toMatchObject({ status: 'running', version: 2 });
    });

    it('does nothing for another attempt, or a task that waits, has ended, or is unknown', async () => {
      await using scene = await startRunning();
      const { hub, id, runner } = scene;
      const waiting = await scene.create();
      const done = await scene.create();
      await runner.say(runner.endReport(await runner.start(done.id)));
      const before = await scene.events();
      await scene.runner.runner[Symbol.asyncDispose]();
      await scene.bus.expirePresence(HOST);
      expect(await hub.endLost(id, 2, 'agent lost')).toBe('unchanged');
      expect(await hub.endLost(id, 0, 'agent lost')).toBe('unchanged');
      expect(await hub.endLost(waiting.id, 0, 'agent lost')).toBe('unchanged');
      expect(await hub.endLost(done.id, 1, 'agent lost')).toBe('unchanged');
      expect(await hub.endLost(newTaskId(), 1, 'agent lost')).toBe('unchanged');
      expect(await scene.events()).toEqual(before);
    });
  });

  describe('a task that may be started again, whose runner is lost', () => {
    /** It runs for the first time. */
    const startIdempotent = async () => {
      const scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const { id } = await scene.create();
      const grant = await runner.start(id, true);
      const loseRunner = async ({ runner: lost }: Pick<typeof runner, 'runner'>) => {
        await lost[Symbol.asyncDispose]();
        await scene.bus.expirePresence(HOST);
      };
      return { ...scene, runner, id, grant, loseRunner };
    };
    const states = async (scene: Awaited<ReturnType<typeof startIdempotent>>) =>
      (await scene.events()).map(({ kind, task }) => [kind, task.status]);

    it('is queued again by one of several hubs, and started by the next start of its runner', async () => {
      await using scene = await startIdempotent();
      const { id, runner } = scene;
      await runner.say(runner.progressReport(scene.grant, 1, 40));
      const hubs = [scene.hub, await scene.startHub(), await scene.startHub()];
      await scene.loseRunner(runner);
      const outcomes = await Promise.all(hubs.map((hub) => hub.endLost(id, 1, LOST)));
      expect(outcomes.toSorted()).toEqual(['requeued', 'unchanged', 'unchanged']);
      const shown = { status: 'queued', attempt: 1, startedAtMs: null, progressPercent: null, message: null };
      expect(await scene.hub.read(id)).toMatchObject({ ...shown, version: 4, error: null, endedAtMs: null });
      expect((await scene.events()).at(-1)).toMatchObject({
        kind: 'progress',
        task: { id, version: 4, status: 'queued', startedAtMs: null, progressPercent: null, message: null },
      });
      const board = (await scene.hub.readBoard(0)).tasks;
      expect(board).toMatchObject([{ id, ...shown }]);

      const second = await scene.startRunner(SECOND_START);
      await until('the offer', () => second.offers.some(({ task }) => task === id));
      const grant = await second.start(id, true);
      expect(grant.attempt).not.toBe(scene.grant.attempt);
      expect(await scene.hub.read(id)).toMatchObject({ status: 'running', attempt: 2 });
      expect(await second.say(runner.endReport(scene.grant))).toMatchObject({ type: 'late' });
      expect(await second.say(second.endReport(grant))).toEqual({ type: 'applied' });
      expect(await scene.hub.read(id)).toMatchObject({ status: 'completed', attempt: 2, error: null });
      expect(await states(scene)).toEqual([
        ['created', 'queued'],
        ['started', 'running'],
        ['progress', 'running'],
        ['progress', 'queued'],
        ['started', 'running'],
        ['ended', 'completed'],
      ]);
    });

    it('is offered again to the start that ran it, which is asked to stop what it still runs', async () => {
      await using scene = await startIdempotent();
      const { id, runner, grant } = scene;
      await scene.bus.expirePresence(HOST);
      expect(await scene.hub.endLost(id, 1, LOST)).toBe('requeued');
      const before = runner.offers.length;
      await runner.serve();
      await until('the offer', () => runner.offers.slice(before).some(({ task }) => task === id));
      const stop = { type: 'stop', task: id, attempt: grant.attempt };
      const answer = () => runner.nextMessage(id, () => runner.say(runner.progressReport(grant, 1)));
      expect(await answer()).toEqual(stop);
      expect(await runner.nextMessage(id, () => runner.say(runner.endReport(grant)))).toEqual(stop);
      expect(await scene.hub.read(id)).toMatchObject({ status: 'queued', version: 3 });
      expect((await runner.start(id, true)).attempt).not.toBe(grant.attempt);
      expect(await scene.hub.read(id)).toMatchObject({ status: 'running', attempt: 2 });
      expect(await runner.nextMessage(id, () => runner.say(runner.endReport(grant)))).toEqual(stop);
      expect(await scene.hub.read(id)).toMatchObject({ status: 'running', attempt: 2 });
    });

    it('ends with the number of its attempts when it has had all of them', async () => {
      await using scene = await startIdempotent();
      const { id, loseRunner } = scene;
      await loseRunner(scene.runner);
      expect(await scene.hub.endLost(id, 1, LOST)).toBe('requeued');
      const second = await scene.startRunner(SECOND_START);
      await second.start(id, true);
      await loseRunner(second);
      expect(await scene.hub.endLost(id, 2, LOST)).toBe('requeued');
      const third = await scene.startRunner(THIRD_START);
      await third.start(id, true);
      await loseRunner(third);
      expect(await scene.hub.endLost(id, 3, LOST)).toBe('ended');
      expect(await scene.hub.read(id)).toMatchObject({
        status: 'failed',
        error: 'agent lost (attempt 3 of 3)',
        attempt: 3,
      });
    });

    it('has as many attempts when its runner restarts before it is lost', async () => {
      await using scene = await startIdempotent();
      const { id } = scene;
      await scene.runner.runner[Symbol.asyncDispose]();
      const second = await scene.startRunner(SECOND_START);
      await second.start(id, true);
      await scene.loseRunner(second);
      expect(await scene.hub.endLost(id, 2, LOST)).toBe('requeued');
      const third = await scene.startRunner(THIRD_START);
      await third.start(id, true);
      await third.runner[Symbol.asyncDispose]();
      const fourth = await scene.startRunner('state-aaaaaa.start-444444');
      const answer = await fourth.nextMessage(id, () => fourth.say(fourth.claimReport(id, true)));
      expect(answer).toMatchObject({ type: 'deny', task: id });
      expect(await scene.hub.read(id)).toMatchObject({
        status: 'failed',
        error: 'runner restarted while the task ran (attempt 3 of 3)',
        attempt: 3,
      });
    });

    it('is cancelled at once while it waits, and not started', async () => {
      await using scene = await startIdempotent();
      const { id } = scene;
      await scene.loseRunner(scene.runner);
      await scene.hub.endLost(id, 1, LOST);
      expect(await scene.hub.cancel(id)).toEqual({ type: 'cancelled' });
      const task = await scene.hub.read(id);
      expect(task).toMatchObject({ status: 'cancelled', attempt: 1 });
      const second = await scene.startRunner(SECOND_START);
      const answers = await second.nextMessage(id, () => second.say(second.claimReport(id, true)));
      expect(answers).toMatchObject({ type: 'deny' });
      expect(second.offers).toEqual([]);
      expect(await scene.hub.read(id)).toEqual(task);
    });

    it('is not queued again when somebody asked to cancel it', async () => {
      await using scene = await startIdempotent();
      const { id } = scene;
      await scene.hub.cancel(id);
      await scene.loseRunner(scene.runner);
      expect(await scene.hub.endLost(id, 1, LOST)).toBe('ended');
      expect(await scene.hub.read(id)).toMatchObject({
        status: 'failed',
        error: 'agent lost (attempt 1 of 3)',
      });
    });

    it('is not granted to another runner, since the first one may have left processes running', async () => {
      await using scene = await startIdempotent();
      const { id } = scene;
      await scene.loseRunner(scene.runner);
      await scene.hub.endLost(id, 1, LOST);
      const other = await scene.startRunner(OTHER_RUNNER);
      const answer = await other.nextMessage(id, () => other.say(other.claimReport(id, true)));
      expect(answer).toMatchObject({ type: 'deny', task: id });
      expect(await scene.hub.read(id)).toMatchObject({
        status: 'failed',
        error: 'runner restarted while the task ran (attempt 1 of 3)',
      });
    });

    it('is what the last claim of it says', async () => {
      await using scene = await startIdempotent();
      const { id } = scene;
      await scene.runner.runner[Symbol.asyncDispose]();
      const second = await scene.startRunner(SECOND_START);
      await second.start(id, false);
      await scene.loseRunner(second);
      expect(await scene.hub.endLost(id, 2, LOST)).toBe('ended');
      expect(await scene.hub.read(id)).toMatchObject({ status: 'failed', error: 'agent lost' });
    });

    it('takes a place among the tasks that wait', async () => {
      await using scene = await startIdempotent();
      const add = async (id: TaskId) => (await scene.hub.create(makeTask({ id, maxQueued: 1 }))).type;
      await scene.loseRunner(scene.runner);
      await scene.hub.endLost(scene.id, 1, LOST);
      expect(await add(newTaskId())).toBe('queue_full');
      const second = await scene.startRunner(SECOND_START);
      await second.start(scene.id, true);
      expect(await add(newTaskId())).toBe('created');
    });
  });

  it('offers that wait are read anew by a runner whose presence had lapsed', async () => {
    await using scene = await startScenario(startBus);
    const runner = await scene.startRunner(FIRST_START);
    const { id } = await scene.create();
    await until('the offer', () => runner.offers.length === 1);
    await scene.bus.expirePresence(HOST);
    await runner.serve();
    await until('the offer again', () => runner.offers.length === 2);
    expect(runner.offers.map(({ task }) => task)).toEqual([id, id]);
    expect(runner.serving).toEqual([true]);
  });
}
