import { newTaskId } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { MAX_REPORT_BYTES } from '../../limits.ts';
import { OTHER_HOST } from './sample-factory.ts';
import type { StartTaskBus } from './task-bus-under-test.ts';
import { COMPLETED, OTHER_RUNNER } from './task-factory.ts';
import { nextReport, startRunningScenario } from './task-scenario.ts';

/** Describes the delivery of reports from runners to hubs, whatever their content. */
export function describeReportStream(startBus: StartTaskBus): void {
  const startRunning = () => startRunningScenario(startBus);
  const applied = { type: 'applied' };
  const repeated = { type: 'repeated' };
  const late = { type: 'late', reason: expect.stringMatching(/./) };

  describe('the reports', () => {
    it('are each read by one hub, in their order', async () => {
      await using scene = await startRunning();
      const { runner, grant, hub } = scene;
      const second = await scene.startHub();
      for (let counter = 1; counter <= 20; counter++)
        await runner.send(runner.progressReport(grant, counter));
      const read = [];
      while (read.length < 20) {
        for (const reader of [hub, second]) {
          if (read.length < 20) read.push(...(await reader.nextReports(3)));
        }
      }
      const counters = read.map(({ report }) => (report?.type === 'progress' ? report.counter : 0));
      expect(counters).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    });

    it('of a host with many do not hold up those of another', async () => {
      await using scene = await startRunning();
      const { runner, grant, hub } = scene;
      const other = await scene.startRunner(OTHER_RUNNER, OTHER_HOST);
      for (let counter = 1; counter <= 60; counter++)
        await runner.send(runner.progressReport(grant, counter));
      const claim = other.claimReport(newTaskId());
      await other.send(claim);
      // Hosts are read in turns, but the answer to one read may hold one of them alone.
      const read = [...(await hub.nextReports(20)), ...(await hub.nextReports(20))];
      expect(read.length).toBeLessThanOrEqual(40);
      expect(read.map(({ report }) => report)).toContainEqual(claim);
    });

    it('that name another host than that of their runner change nothing', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      const other = await scene.startRunner(OTHER_RUNNER, OTHER_HOST);
      // Even with the secrets of the attempt.
      await other.send(runner.endReport(grant));
      const received = await nextReport(scene.hub);
      expect(received).toMatchObject({ host: OTHER_HOST, report: null });
      expect(await scene.hub.apply(received)).toEqual(late);
      expect(await scene.hub.read(id)).toMatchObject({ status: 'running', version: 2 });
      expect(await runner.say(runner.endReport(grant))).toEqual(applied);
    });

    it('that are too large are dropped, and the next one comes', async () => {
      await using scene = await startRunning();
      const { runner, grant, hub } = scene;
      const result = { text: 'x'.repeat(MAX_REPORT_BYTES) };
      await runner.send(runner.endReport(grant, { ...COMPLETED, result }));
      await runner.send(runner.endReport(grant));
      const received = await nextReport(hub);
      expect(received.report).toEqual(runner.endReport(grant));
      expect(await hub.apply(received)).toEqual(applied);
      expect(await hub.takeOverReports(0, 10)).toEqual([]);
    });

    it('wake a hub that waits', async () => {
      await using scene = await startRunning();
      const { runner, grant, hub } = scene;
      const waiting = nextReport(hub);
      await runner.send(runner.progressReport(grant, 1));
      expect((await waiting).report).toEqual(runner.progressReport(grant, 1));
    });

    it('that a hub read and did not apply are taken over by another, once they are idle', async () => {
      await using scene = await startRunning();
      const { runner, grant, hub } = scene;
      const second = await scene.startHub();
      await runner.send(runner.endReport(grant));
      const received = await nextReport(hub);
      expect(await second.takeOverReports(60_000, 10)).toEqual([]);
      expect(await second.takeOverReports(0, 10)).toEqual([received]);
      expect(await second.apply(received)).toEqual(applied);
      expect(await hub.takeOverReports(0, 10)).toEqual([]);
      expect(await hub.apply(received)).toEqual(repeated);
    });

    it('that are unread are not taken over', async () => {
      await using scene = await startRunning();
      await scene.runner.send(scene.runner.endReport(scene.grant));
      expect(await scene.hub.takeOverReports(0, 10)).toEqual([]);
      expect((await nextReport(scene.hub)).report?.type).toBe('end');
    });

    it('of a hub that is gone are taken over too', async () => {
      await using scene = await startRunning();
      const { runner, grant, id } = scene;
      const second = await scene.startHub();
      await runner.send(runner.endReport(grant));
      await nextReport(second);
      await second[Symbol.asyncDispose]();
      const [received] = await scene.hub.takeOverReports(0, 10);
      expect(received && (await scene.hub.apply(received))).toEqual(applied);
      expect(await scene.hub.read(id)).toMatchObject({ status: 'completed' });
    });

    it('that cannot be read are taken off, and recorded', async () => {
      await using scene = await startRunning();
      const { runner, hub } = scene;
      await runner.send({ ...runner.claimReport(scene.id), type: 'nonsense' } as never);
      const received = await nextReport(hub);
      expect(received).toMatchObject({ report: null, detail: expect.stringMatching(/./) });
      expect(await hub.apply(received)).toEqual(late);
      expect(await hub.takeOverReports(0, 10)).toEqual([]);
      expect(await scene.bus.readLateReports()).toHaveLength(1);
    });

    it('that are late are all recorded, also after others', async () => {
      await using scene = await startRunning();
      const { runner, id, grant } = scene;
      await runner.say(runner.endReport(grant));
      for (let counter = 1; counter <= 5; counter++) await runner.say(runner.progressReport(grant, counter));
      const recorded = (await scene.bus.readLateReports()).filter(({ task }) => task === id);
      expect(recorded).toHaveLength(5);
      expect(recorded).toEqual(recorded.map(() => ({ task: id, reason: late.reason })));
      expect(await scene.hub.read(id)).toMatchObject({ version: 3 });
    });
  });
}
