import { newTaskId } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { OTHER_HOST } from './sample-factory.ts';
import type { StartTaskBus } from './task-bus-under-test.ts';
import { COMPLETED, FAILED, FIRST_START, OTHER_RUNNER, SECOND_START } from './task-factory.ts';
import { nextReport, startScenario, until } from './task-scenario.ts';

const RESTARTED = 'runner restarted while the task ran';

export function describeClaims(startBus: StartTaskBus): void {
  describe('a claim', () => {
    it('starts a queued task, and grants its attempt to the runner', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const { id } = await scene.create();
      const grant = await runner.start(id);
      expect(grant).toEqual({
        type: 'grant',
        task: id,
        instance: FIRST_START,
        attempt: expect.stringMatching(/^[\w-]{21}$/),
        number: 1,
        logLines: 0,
      });
      const task = await scene.hub.read(id);
      expect(task).toMatchObject({ status: 'running', version: 2, attempt: 1, endedAtMs: null });
      expect(task?.startedAtMs).toBeGreaterThanOrEqual(task?.createdAtMs ?? Number.POSITIVE_INFINITY);
      const [, started] = await scene.events();
      expect(started).toMatchObject({
        kind: 'started',
        task: { id, version: 2, status: 'running', attempt: 1, startedAtMs: task?.startedAtMs },
      });
    });

    it('that is repeated brings the same grant, and no event', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const { id } = await scene.create();
      const grant = await runner.start(id);
      expect(await runner.say(runner.claimReport(id))).toEqual({ type: 'repeated' });
      expect(await runner.messagesAbout(id)).toEqual([grant, grant]);
      expect(await scene.events()).toHaveLength(2);
    });

    it('that two hubs apply starts one attempt', async () => {
      await using scene = await startScenario(startBus);
      const second = await scene.startHub();
      const runner = await scene.startRunner();
      const { id } = await scene.create();
      await runner.send(runner.claimReport(id));
      const received = await nextReport(scene.hub);
      const outcomes = await Promise.all([scene.hub.apply(received), second.apply(received)]);
      expect(outcomes.map(({ type }) => type).sort()).toEqual(['applied', 'repeated']);
      const messages = await runner.messagesAbout(id);
      expect(messages).toHaveLength(2);
      expect(messages[0]).toEqual(messages[1]);
      expect(await scene.hub.read(id)).toMatchObject({ version: 2, attempt: 1 });
    });

    it('hides the attempt and the instance from others', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const { id } = await scene.create();
      const grant = await runner.start(id);
      await runner.say(runner.endReport(grant));
      const shown = JSON.stringify([
        await scene.events(),
        await scene.hub.read(id),
        await scene.hub.readBoard(10),
        await scene.hub.list({ limit: 10 }),
      ]);
      expect(shown).not.toContain(grant.attempt);
      expect(shown).not.toContain(FIRST_START);
    });

    it('of an unknown task is denied and recorded', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const id = newTaskId();
      expect(await runner.say(runner.claimReport(id))).toEqual({ type: 'late', reason: 'unknown task' });
      await until('the denial', () => runner.control.length > 0);
      expect(runner.control).toEqual([{ type: 'deny', task: id, reason: 'unknown task' }]);
      expect(await scene.bus.readLateReports()).toEqual([{ task: id, reason: 'unknown task' }]);
    });

    it.each([COMPLETED, FAILED])('of a task that is $status is denied, and not recorded', async (outcome) => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const { id } = await scene.create();
      await runner.say(runner.endReport(await runner.start(id), outcome));
      const before = await scene.hub.read(id);
      const answer = await runner.nextMessage(id, async () =>
        expect(await runner.say(runner.claimReport(id))).toEqual({ type: 'repeated' }),
      );
      expect(answer).toEqual({ type: 'deny', task: id, reason: expect.stringMatching(/./) });
      expect(await scene.hub.read(id)).toEqual(before);
      expect((await scene.bus.readLateReports()).filter(({ task }) => task === id)).toEqual([]);
    });

    it('of an external task is denied', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const { id } = await scene.create({ offer: null });
      await runner.say(runner.claimReport(id));
      expect((await runner.messagesAbout(id)).map(({ type }) => type)).toEqual(['deny']);
      expect(await scene.hub.read(id)).toMatchObject({ status: 'queued', version: 1 });
    });
  });

  describe('a claim by a runner that does not serve the host', () => {
    it('changes nothing when no runner is present', async () => {
      await using scene = await startScenario(startBus);
      const { id } = await scene.create();
      const silent = await scene.startSilentRunner();
      expect(await silent.say(silent.claimReport(id))).toMatchObject({ type: 'late' });
      expect(await scene.hub.read(id)).toMatchObject({ status: 'queued', version: 1 });
      expect((await scene.bus.readLateReports()).filter(({ task }) => task === id)).toHaveLength(1);
      await silent.serve();
      expect(await silent.messagesAbout(id)).toEqual([]);
    });

    it('changes nothing when another runner is, which is then flagged', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const { id } = await scene.create();
      const stranger = await scene.startSilentRunner(OTHER_RUNNER);
      expect((await scene.hub.readRunner(runner.me.host))?.conflict).toBe(false);
      expect(await stranger.say(stranger.claimReport(id))).toMatchObject({ type: 'late' });
      expect((await scene.hub.readRunner(runner.me.host))?.conflict).toBe(true);
      expect(await runner.messagesAbout(id)).toEqual([]);
      expect(await scene.hub.read(id)).toMatchObject({ status: 'queued', version: 1 });
      await runner.start(id);
    });

    it('changes nothing when the task is another host’s', async () => {
      await using scene = await startScenario(startBus);
      const owner = await scene.startRunner();
      const thief = await scene.startRunner(OTHER_RUNNER, OTHER_HOST);
      const { id } = await scene.create();
      expect(await thief.say(thief.claimReport(id))).toMatchObject({ type: 'late' });
      const forged = { ...thief.claimReport(id), host: owner.me.host };
      expect(await thief.say(forged)).toMatchObject({ type: 'late' });
      expect(await thief.messagesAbout(id)).toEqual([]);
      expect(await owner.messagesAbout(id)).toEqual([]);
      expect(await scene.hub.read(id)).toMatchObject({ status: 'queued', version: 1 });
    });

    it('changes nothing when its instance is none', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const { id } = await scene.create();
      for (const instance of ['start-111111', FIRST_START.slice(0, -1), '.', '']) {
        await runner.send({ ...runner.claimReport(id), instance });
        expect(await scene.hub.apply(await nextReport(scene.hub))).toMatchObject({ type: 'late' });
      }
      expect(await scene.hub.read(id)).toMatchObject({ status: 'queued' });
    });
  });

  describe('a claim of a running task after a restart', () => {
    const startedBefore = async (cancel: boolean) => {
      const scene = await startScenario(startBus);
      const first = await scene.startRunner();
      const { id } = await scene.create();
      const grant = await first.start(id);
      await first.say(first.progressReport(grant, 1, 40));
      await first.runner.appendLog(id, [
        { line: 41, stream: 'stdout', text: 'one\ntwo' },
        { line: 43, stream: 'stderr', text: 'three\nfour\nfive' },
      ]);
      if (cancel) await scene.hub.cancel(id);
      await first.runner[Symbol.asyncDispose]();
      return { ...scene, id, first, grant };
    };

    it('by the same runner grants another attempt', async () => {
      await using scene = await startedBefore(false);
      const { id, first } = scene;
      const second = await scene.startRunner(SECOND_START);
      const grant = await second.start(id);
      expect(grant).toMatchObject({ instance: SECOND_START, logLines: 45 });
      expect(grant.attempt).not.toBe(scene.grant.attempt);
      expect(await scene.hub.read(id)).toMatchObject({
        status: 'running',
        attempt: 2,
        version: 4,
        progressPercent: null,
        message: null,
      });
      expect((await scene.events()).map(({ kind }) => kind)).toEqual([
        'created',
        'started',
        'progress',
        'started',
      ]);
      await second.send(second.progressReport(grant, 1, 10));
      expect(await scene.hub.apply(await nextReport(scene.hub))).toEqual({ type: 'applied' });
      expect(await second.say(first.claimReport(id))).toMatchObject({ type: 'late' });
      expect(await second.say(first.endReport(scene.grant))).toMatchObject({ type: 'late' });
      expect(await scene.hub.read(id)).toMatchObject({ status: 'running', attempt: 2 });
    });

    it('by the same runner ends it cancelled, if that was asked for', async () => {
      await using scene = await startedBefore(true);
      const { id } = scene;
      const second = await scene.startRunner(SECOND_START);
      const answer = await second.nextMessage(id, async () =>
        expect(await second.say(second.claimReport(id))).toEqual({ type: 'applied' }),
      );
      expect(answer).toMatchObject({ type: 'deny', task: id });
      expect(await scene.hub.read(id)).toMatchObject({ status: 'cancelled', attempt: 1 });
      expect((await scene.events()).at(-1)).toMatchObject({ kind: 'ended', task: { status: 'cancelled' } });
    });

    it.each([false, true])('by another runner ends it failed (cancel asked: %s)', async (cancel) => {
      await using scene = await startedBefore(cancel);
      const { id } = scene;
      await scene.bus.expirePresence(scene.first.me.host);
      const other = await scene.startRunner(OTHER_RUNNER);
      const answer = await other.nextMessage(id, () => other.say(other.claimReport(id)));
      expect(answer).toMatchObject({ type: 'deny', task: id });
      const task = await scene.hub.read(id);
      expect(task).toMatchObject({ status: 'failed', error: RESTARTED, attempt: 1 });
      expect(task?.endedAtMs).toBeGreaterThanOrEqual(task?.startedAtMs ?? Number.POSITIVE_INFINITY);
      expect((await scene.events()).at(-1)).toMatchObject({
        kind: 'ended',
        task: { status: 'failed', error: RESTARTED, endedAtMs: task?.endedAtMs },
      });
    });
  });
}
