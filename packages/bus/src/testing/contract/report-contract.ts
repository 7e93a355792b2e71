import { newAttemptToken, newTaskId } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { HOST, OTHER_HOST } from './sample-factory.ts';
import type { StartTaskBus } from './task-bus-under-test.ts';
import { CANCELLED, COMPLETED, FAILED, OTHER_RUNNER, SECOND_START } from './task-factory.ts';
import { nextReport, startRunningScenario, startScenario } from './task-scenario.ts';

export function describeReports(startBus: StartTaskBus): void {
  const startRunning = () => startRunningScenario(startBus);
  const applied = { type: 'applied' };
  const repeated = { type: 'repeated' };
  const late = { type: 'late', reason: expect.stringMatching(/./) };

  describe('progress', () => {
    it('is shown with one event each', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      expect(await runner.say(runner.progressReport(grant, 1, 10))).toEqual(applied);
      expect(await runner.say(runner.progressReport(grant, 2, 20))).toEqual(applied);
      expect(await scene.hub.read(id)).toMatchObject({
        status: 'running',
        version: 4,
        progressPercent: 20,
        message: 'step 20',
        logLines: 20,
      });
      expect((await scene.events()).slice(2)).toMatchObject([
        {
          kind: 'progress',
          task: { id, version: 3, status: 'running', progressPercent: 10, message: 'step 10' },
        },
        { kind: 'progress', task: { id, version: 4, progressPercent: 20, message: 'step 20', logLines: 20 } },
      ]);
      expect(await runner.messagesAbout(id)).toEqual([grant]);
    });

    it('that is older than what is known, or the same, is ignored', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      await runner.say(runner.progressReport(grant, 10, 50));
      expect(await runner.say(runner.progressReport(grant, 9, 40))).toEqual(repeated);
      expect(await runner.say(runner.progressReport(grant, 10, 60))).toEqual(repeated);
      expect(await scene.hub.read(id)).toMatchObject({ version: 3, progressPercent: 50 });
    });

    it('that says nothing new makes no event, and still counts', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      await runner.say(runner.progressReport(grant, 1, 50));
      expect(await runner.say(runner.progressReport(grant, 3, 50))).toEqual(applied);
      expect(await runner.say(runner.progressReport(grant, 2, 40))).toEqual(repeated);
      expect(await scene.hub.read(id)).toMatchObject({ version: 3, progressPercent: 50 });
      expect(await scene.events()).toHaveLength(3);
    });

    it('can say that it is not known any more', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      await runner.say(runner.progressReport(grant, 1, 50));
      await runner.say({ ...runner.progressReport(grant, 2, 50), progressPercent: null, message: null });
      expect(await scene.hub.read(id)).toMatchObject({ version: 4, progressPercent: null, message: null });
      expect((await scene.events()).at(-1)?.task).toMatchObject({ progressPercent: null, message: null });
    });

    it('takes an empty message for none, and 0 for 0', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      await runner.say({ ...runner.progressReport(grant, 1, 0), message: '' });
      expect(await scene.hub.read(id)).toMatchObject({ progressPercent: 0, message: null, logLines: 0 });
      expect((await scene.events()).at(-1)?.task).toMatchObject({ progressPercent: 0 });
      expect((await scene.events()).at(-1)?.task.message ?? null).toBeNull();
    });

    it.each([
      ['completed', COMPLETED, 100],
      ['failed', FAILED, 90],
      ['cancelled', CANCELLED, 90],
    ] as const)(
      'of a task that ended %s is no more than it came to',
      async (status, outcome, progressPercent) => {
        await using scene = await startRunning();
        const { runner, grant, id } = scene;
        await runner.say({ ...runner.progressReport(grant, 1, 90), message: '1 s left' });
        await runner.say(runner.endReport(grant, outcome));
        expect(await scene.hub.read(id)).toMatchObject({ status, progressPercent, message: null });
        // A reader that rebuilds the task from its events arrives at the same state.
        const fromEvents = Object.assign({}, ...(await scene.events()).map(({ task }) => task));
        expect(fromEvents).toMatchObject({ status, progressPercent, message: null });
      },
    );

    it('of a completed task that never reported any is unknown', async () => {
      await using scene = await startRunning();
      await scene.runner.say(scene.runner.endReport(scene.grant));
      expect(await scene.hub.read(scene.id)).toMatchObject({ status: 'completed', progressPercent: null });
    });

    it('of an attempt that is over is late, and answered by stop', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      await runner.say(runner.endReport(grant));
      const before = await scene.hub.read(id);
      expect(await runner.say(runner.progressReport(grant, 9))).toEqual(late);
      expect((await runner.messagesAbout(id)).at(-1)).toEqual({
        type: 'stop',
        task: id,
        attempt: grant.attempt,
      });
      expect(await scene.hub.read(id)).toEqual(before);
      expect((await scene.bus.readLateReports()).filter(({ task }) => task === id)).toHaveLength(1);
    });

    it.each(['another attempt', 'another instance', 'a task that waits'])('of %s is late', async (which) => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      const report = runner.progressReport(grant, 1);
      const waiting = await scene.create();
      const wrong = {
        'another attempt': { ...report, attempt: newAttemptToken() },
        'another instance': { ...report, instance: SECOND_START },
        'a task that waits': { ...report, task: waiting.id },
      }[which];
      expect(await runner.say(wrong ?? report)).toEqual(late);
      expect((await runner.messagesAbout((wrong ?? report).task)).at(-1)).toMatchObject({ type: 'stop' });
      expect(await scene.hub.read(id)).toMatchObject({ version: 2, progressPercent: null });
      expect(await scene.hub.read(waiting.id)).toMatchObject({ version: 1, status: 'queued' });
    });

    it('of an unknown task is late, and answered by stop to a runner that is present', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const task = newTaskId();
      const attempt = newAttemptToken();
      expect(await runner.say(runner.progressReport({ task, attempt }, 1))).toEqual(late);
      expect(await runner.messagesAbout(task)).toEqual([{ type: 'stop', task, attempt }]);
      const forged = { ...runner.progressReport({ task, attempt }, 1), instance: OTHER_RUNNER };
      expect(await runner.say(forged)).toEqual(late);
      expect(await runner.messagesAbout(task)).toHaveLength(1);
    });

    it('from another host changes and says nothing', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      const thief = await scene.startRunner(OTHER_RUNNER, OTHER_HOST);
      const guess = { task: id, attempt: newAttemptToken() };
      expect(await thief.say(thief.progressReport(guess, 1))).toEqual(late);
      expect(await runner.messagesAbout(id)).toEqual([grant]);
      expect(await thief.messagesAbout(id)).toEqual([]);
      expect(await scene.hub.read(id)).toMatchObject({ version: 2 });
    });
  });

  describe('the end of an attempt', () => {
    it('that knows of fewer lines than were counted leaves their number as it is', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      await runner.say(runner.progressReport(grant, 1, 40));
      await runner.say(runner.endReport(grant));
      expect(await scene.hub.read(id)).toMatchObject({ status: 'completed', logLines: 40 });
    });

    it.each([COMPLETED, FAILED, CANCELLED])(
      'that is $status ends the task, and is settled',
      async (outcome) => {
        await using scene = await startRunning();
        const { runner, grant, id } = scene;
        expect(await runner.say(runner.endReport(grant, outcome))).toEqual(applied);
        const task = await scene.hub.read(id);
        expect(task).toMatchObject({ ...outcome, version: 3, logLines: 7, attempt: 1 });
        expect(task?.endedAtMs).toBeGreaterThanOrEqual(task?.startedAtMs ?? Number.POSITIVE_INFINITY);
        expect((await scene.events()).at(-1)).toMatchObject({
          kind: 'ended',
          task: { id, version: 3, status: outcome.status, logLines: 7, endedAtMs: task?.endedAtMs },
        });
        expect(await runner.messagesAbout(id)).toEqual([
          grant,
          { type: 'settled', task: id, attempt: grant.attempt },
        ]);
      },
    );

    it('keeps the result to the last empty list', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      const result = { list: [], object: {}, nested: [[{}], ''], zero: 0, 'ü☃': 'a\nb' };
      await runner.say(runner.endReport(grant, { status: 'completed', result, error: null }));
      expect((await scene.hub.read(id))?.result).toEqual(result);
      expect((await scene.events()).at(-1)?.task.result).toEqual(result);
    });

    it('that is reported again is settled again, and changes nothing', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      await runner.say(runner.endReport(grant));
      const before = await scene.hub.read(id);
      expect(await runner.say(runner.endReport(grant, FAILED))).toEqual(repeated);
      expect(await scene.hub.read(id)).toEqual(before);
      expect((await runner.messagesAbout(id)).map(({ type }) => type)).toEqual([
        'grant',
        'settled',
        'settled',
      ]);
      expect((await scene.bus.readLateReports()).filter(({ task }) => task === id)).toEqual([]);
      expect(await scene.events()).toHaveLength(3);
    });

    it('that two hubs apply ends the task once', async () => {
      await using scene = await startRunning();
      const { runner, grant } = scene;
      const second = await scene.startHub();
      await runner.send(runner.endReport(grant));
      const received = await nextReport(scene.hub);
      const outcomes = await Promise.all([second.apply(received), scene.hub.apply(received)]);
      expect(outcomes.map(({ type }) => type).sort()).toEqual(['applied', 'repeated']);
      expect((await scene.events()).filter(({ kind }) => kind === 'ended')).toHaveLength(1);
    });

    it('after the task was ended otherwise is late, recorded, and settled', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      await scene.bus.expirePresence(HOST);
      expect(await scene.hub.endLost(id, 1, 'agent lost')).toBe('ended');
      const before = await scene.hub.read(id);
      await runner.serve();
      expect(await runner.say(runner.endReport(grant))).toEqual(late);
      expect((await runner.messagesAbout(id)).at(-1)).toEqual({
        type: 'settled',
        task: id,
        attempt: grant.attempt,
      });
      expect(await scene.hub.read(id)).toEqual(before);
      expect((await scene.bus.readLateReports()).filter(({ task }) => task === id)).toHaveLength(1);
      expect((await scene.events()).filter(({ kind }) => kind === 'ended')).toHaveLength(1);
    });

    it('that an earlier start of the runner journalled is applied after the restart', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      await runner.runner[Symbol.asyncDispose]();
      const second = await scene.startRunner(SECOND_START);
      expect(await second.say(runner.endReport(grant, FAILED))).toEqual(applied);
      expect((await second.messagesAbout(id)).at(-1)).toEqual({
        type: 'settled',
        task: id,
        attempt: grant.attempt,
      });
      expect(await scene.hub.read(id)).toMatchObject(FAILED);
    });

    it.each(['another attempt', 'another instance'])('of %s is late', async (which) => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      const report = runner.endReport(grant);
      const wrong =
        which === 'another attempt'
          ? { ...report, attempt: newAttemptToken() }
          : { ...report, instance: OTHER_RUNNER };
      expect(await runner.say(wrong)).toEqual(late);
      expect(await scene.hub.read(id)).toMatchObject({ status: 'running', version: 2 });
      expect((await scene.bus.readLateReports()).filter(({ task }) => task === id)).toHaveLength(1);
    });

    it('of an unknown task is late, and settled for the runner that is present', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const task = newTaskId();
      const attempt = newAttemptToken();
      expect(await runner.say(runner.endReport({ task, attempt }))).toEqual(late);
      const earlier = { ...runner.endReport({ task, attempt }), instance: SECOND_START };
      expect(await runner.say(earlier)).toEqual(late);
      const settled = { type: 'settled', task, attempt };
      expect(await runner.messagesAbout(task)).toEqual([settled, settled]);
      expect(await runner.say({ ...earlier, instance: OTHER_RUNNER })).toEqual(late);
      expect(await runner.messagesAbout(task)).toHaveLength(2);
      expect((await scene.bus.readLateReports()).filter((each) => each.task === task)).toHaveLength(3);
    });

    it('removes the offer', async () => {
      await using scene = await startRunning();
      const { runner, grant } = scene;
      await runner.say(runner.endReport(grant));
      const waiting = await scene.create();
      await runner.runner[Symbol.asyncDispose]();
      const second = await scene.startRunner(SECOND_START);
      await second.messagesAbout(waiting.id);
      await scene.create();
      expect(second.offers[0]?.task).toBe(waiting.id);
    });
  });
}
