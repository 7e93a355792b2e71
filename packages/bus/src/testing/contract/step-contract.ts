import type { StepStatus, TaskStep } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { HOST } from './sample-factory.ts';
import type { StartTaskBus } from './task-bus-under-test.ts';
import { COMPLETED, FAILED, SECOND_START } from './task-factory.ts';
import { startRunningScenario, startScenario } from './task-scenario.ts';

const step = (name: string, status: StepStatus, attempts = 0): TaskStep => ({
  name,
  status,
  attempts,
  durationMs: status === 'completed' ? 1200 : null,
  firstLine: attempts > 0 ? 1 : null,
});
const BUILDING = [step('build', 'running', 1), step('deploy', 'waiting')];
const DEPLOYING = [step('build', 'completed', 2), step('deploy', 'running', 1)];
const DONE = [step('build', 'completed', 2), step('deploy', 'completed', 1)];

export function describeSteps(startBus: StartTaskBus): void {
  const startRunning = () => startRunningScenario(startBus);
  const statusesOf = (steps: readonly TaskStep[] | null | undefined) => steps?.map(({ status }) => status);

  describe('the steps of a task', () => {
    it('are null until its runner reports some', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      await runner.say(runner.progressReport(grant, 1));
      await runner.say(runner.endReport(grant));
      expect((await scene.hub.read(id))?.steps).toBeNull();
      for (const { task } of await scene.events()) expect(task.steps ?? null).toBeNull();
    });

    it('are shown with one event for each change', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      const report = (counter: number, steps: TaskStep[]) =>
        runner.say({ ...runner.progressReport(grant, counter, 7), steps });
      await report(1, BUILDING);
      await report(2, BUILDING);
      await report(3, DEPLOYING);
      expect(await scene.hub.read(id)).toMatchObject({ version: 4, steps: DEPLOYING });
      expect((await scene.events()).slice(2)).toMatchObject([
        { kind: 'progress', task: { version: 3, steps: BUILDING } },
        { kind: 'progress', task: { version: 4, steps: DEPLOYING } },
      ]);
    });

    it('stay as they are with a report that has none', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      await runner.say({ ...runner.progressReport(grant, 1), steps: DEPLOYING });
      await runner.say(runner.progressReport(grant, 2));
      expect(await scene.hub.read(id)).toMatchObject({ progressPercent: 2, steps: DEPLOYING });
      expect((await scene.events()).at(-1)?.task).not.toHaveProperty('steps');
    });

    it('come with the end', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      await runner.say({ ...runner.progressReport(grant, 1), steps: BUILDING });
      await runner.say({ ...runner.endReport(grant, COMPLETED), steps: DONE });
      expect(await scene.hub.read(id)).toMatchObject({ status: 'completed', steps: DONE });
      expect((await scene.events()).at(-1)).toMatchObject({ kind: 'ended', task: { steps: DONE } });
    });

    it('end with a task whose end does not bring any', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      await runner.say({ ...runner.progressReport(grant, 1), steps: BUILDING });
      await runner.say(runner.endReport(grant, FAILED));
      expect(statusesOf((await scene.hub.read(id))?.steps)).toEqual(['failed', 'skipped']);
      expect(statusesOf((await scene.events()).at(-1)?.task.steps)).toEqual(['failed', 'skipped']);
    });

    it('end with a task whose runner is lost', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      await runner.say({ ...runner.progressReport(grant, 1), steps: BUILDING });
      await scene.bus.expirePresence(HOST);
      expect(await scene.hub.endLost(id, 1, 'agent lost')).toBe('ended');
      expect(statusesOf((await scene.hub.read(id))?.steps)).toEqual(['failed', 'skipped']);
    });

    it('start over with the next attempt', async () => {
      await using scene = await startScenario(startBus);
      const { id } = await scene.create();
      const first = await scene.startRunner();
      const grant = await first.start(id, true);
      await first.say({ ...first.progressReport(grant, 1), steps: DEPLOYING });
      await first.runner[Symbol.asyncDispose]();
      await scene.bus.expirePresence(HOST);
      expect(await scene.hub.endLost(id, 1, 'agent lost')).toBe('requeued');
      expect((await scene.hub.read(id))?.steps).toBeNull();
      const second = await scene.startRunner(SECOND_START);
      const again = await second.start(id, true);
      await second.say({ ...second.progressReport(again, 1), steps: BUILDING });
      expect((await scene.hub.read(id))?.steps).toEqual(BUILDING);
      // A reader that rebuilds the task from its events arrives at the same state.
      const fromEvents = Object.assign({}, ...(await scene.events()).map(({ task }) => task));
      expect(fromEvents.steps).toEqual(BUILDING);
    });
  });
}
