import { describe, expect, it } from 'vitest';
import { HOST, OTHER_HOST } from './sample-factory.ts';
import type { StartTaskBus } from './task-bus-under-test.ts';
import {
  FIRST_START,
  makeOffer,
  makePresence,
  makeTask,
  OTHER_RUNNER,
  SECOND_START,
} from './task-factory.ts';
import { startScenario, until } from './task-scenario.ts';

export function describePresence(startBus: StartTaskBus): void {
  describe('the presence of a runner', () => {
    it('shows what it offers and runs', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const { id } = await scene.create();
      expect(await scene.hub.readRunner(HOST)).toEqual({
        host: HOST,
        presence: { instance: FIRST_START, ...makePresence() },
        conflict: false,
      });
      runner.runner.present(makePresence({ running: [id], actions: [] }));
      await until('the change to be seen', async () => {
        const seen = await scene.hub.readRunner(HOST);
        return seen?.presence.running[0] === id && seen.presence.actions.length === 0;
      });
    });

    it('is not there before it has said so, nor on other hosts', async () => {
      await using scene = await startScenario(startBus);
      await using silent = await scene.startSilentRunner();
      expect(await scene.hub.readRunner(HOST)).toBeNull();
      await silent.serve();
      expect(await scene.hub.readRunner(OTHER_HOST)).toBeNull();
      expect(await scene.hub.readPresentHosts([HOST, OTHER_HOST])).toEqual(new Set([HOST]));
      expect(await scene.hub.readPresentHosts([])).toEqual(new Set());
    });

    it('is found by the actions that it offers', async () => {
      await using scene = await startScenario(startBus);
      await scene.startRunner();
      const other = await scene.startSilentRunner(OTHER_RUNNER, OTHER_HOST);
      const deploy = { name: 'game.deploy', description: '', parameters: [], timeoutSeconds: 60 };
      await other.serve(makePresence({ actions: [...makePresence().actions, deploy] }));
      const hostsOf = async (action?: string) =>
        (await scene.hub.findRunners(action)).map(({ host }) => host).toSorted();
      expect(await hostsOf()).toEqual([HOST, OTHER_HOST]);
      expect(await hostsOf('disk-usage')).toEqual([HOST, OTHER_HOST]);
      expect(await hostsOf('game.deploy')).toEqual([OTHER_HOST]);
      expect(await hostsOf('game')).toEqual([]);
    });

    it('is removed when it leaves, and outlives a crash for a while', async () => {
      await using scene = await startScenario(startBus);
      const leaving = await scene.startRunner();
      await leaving.runner.leave();
      expect(await scene.hub.readRunner(HOST)).toBeNull();
      await leaving.runner[Symbol.asyncDispose]();
      const crashing = await scene.startRunner(SECOND_START);
      await crashing.runner[Symbol.asyncDispose]();
      expect((await scene.hub.readRunner(HOST))?.presence.instance).toBe(SECOND_START);
      expect(await scene.hub.readPresentHosts([HOST])).toEqual(new Set([HOST]));
    });

    it('passes to the next start of the same runner at once', async () => {
      await using scene = await startScenario(startBus);
      const first = await scene.startRunner();
      await first.runner[Symbol.asyncDispose]();
      const second = await scene.startRunner(SECOND_START);
      expect(second.serving).not.toContain(false);
      expect((await scene.hub.readRunner(HOST))?.presence.instance).toBe(SECOND_START);
    });
  });

  describe('offers', () => {
    it('that were made before come first, then new ones', async () => {
      await using scene = await startScenario(startBus);
      const before = [await scene.create(), await scene.create(), await scene.create()];
      const runner = await scene.startRunner();
      await until('the earlier offers', () => runner.offers.length === 3);
      const after = await scene.create();
      await until('the new offer', () => runner.offers.length === 4);
      expect(runner.offers).toEqual([...before, after].map(makeOffer));
    });

    it('that have not ended come again after a restart, running ones too', async () => {
      await using scene = await startScenario(startBus);
      const first = await scene.startRunner();
      const [running, queued, done] = [await scene.create(), await scene.create(), await scene.create()];
      await first.start(running.id);
      await first.say(first.endReport(await first.start(done.id)));
      await first.runner[Symbol.asyncDispose]();
      const second = await scene.startRunner(SECOND_START);
      await until('the offers', () => second.offers.length >= 2);
      await second.messagesAbout(running.id);
      expect(new Set(second.offers.map(({ task }) => task))).toEqual(new Set([running.id, queued.id]));
    });

    it('go to the host that they are for', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const other = await scene.startRunner(OTHER_RUNNER, OTHER_HOST);
      const elsewhere = await scene.create({ host: OTHER_HOST });
      const here = await scene.create();
      await until('both offers', () => runner.offers.length > 0 && other.offers.length > 0);
      expect(runner.offers.map(({ task }) => task)).toEqual([here.id]);
      expect(other.offers.map(({ task }) => task)).toEqual([elsewhere.id]);
    });

    it('are not delivered inside the call that makes them, nor are messages to a runner', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const task = makeTask();
      const creating = scene.hub.create(task);
      expect(runner.offers).toEqual([]);
      await creating;
      const cancelling = scene.hub.cancel(task.id);
      expect(runner.control).toEqual([]);
      await cancelling;
      expect(await runner.messagesAbout(task.id)).toHaveLength(1);
    });
  });

  describe('a second runner of a host', () => {
    const startBoth = async () => {
      const scene = await startScenario(startBus);
      const first = await scene.startRunner();
      const second = await scene.startSilentRunner(OTHER_RUNNER);
      second.runner.present(makePresence());
      await until('the second to be turned away', () => second.serving.at(-1) === false);
      return { ...scene, first, second };
    };

    it('is refused and gets no offers', async () => {
      await using scene = await startBoth();
      const { id } = await scene.create();
      await scene.first.start(id);
      expect(scene.first.serving).not.toContain(false);
      expect(scene.second.offers).toEqual([]);
      expect(scene.second.control).toEqual([]);
      expect((await scene.hub.readRunner(HOST))?.presence.instance).toBe(FIRST_START);
    });

    it('is flagged by its hello', async () => {
      await using scene = await startBoth();
      await until('the conflict to be seen', async () => {
        await scene.first.messagesAbout((await scene.create()).id);
        return (await scene.hub.readRunner(HOST))?.conflict;
      });
      expect(await scene.bus.readLateReports()).toContainEqual({
        task: null,
        reason: 'another runner serves this host',
      });
    });

    it('may be an earlier start of the same one, which gives way and does not come back', async () => {
      await using scene = await startScenario(startBus);
      const first = await scene.startRunner();
      const second = await scene.startRunner(SECOND_START);
      first.runner.present(makePresence());
      await until('the earlier start to be turned away', () => first.serving.at(-1) === false);
      first.runner.present(makePresence({ version: '0.0.1' }));
      const { id } = await scene.create();
      await second.start(id);
      expect((await scene.hub.readRunner(HOST))?.presence).toMatchObject({
        instance: SECOND_START,
        version: '0.1.0',
      });
      expect(first.serving.at(-1)).toBe(false);
      expect(second.serving).not.toContain(false);
      expect(first.offers).toEqual([]);
    });

    it('does not remove the presence when it leaves', async () => {
      await using scene = await startBoth();
      await scene.second.runner.leave();
      expect((await scene.hub.readRunner(HOST))?.presence.instance).toBe(FIRST_START);
    });

    it('serves once the first one is gone, with all offers', async () => {
      await using scene = await startBoth();
      const task = await scene.create();
      await scene.first.runner.leave();
      await scene.first.runner[Symbol.asyncDispose]();
      await until('the second to serve', () => scene.second.serving.at(-1) === true);
      await until('the offer', () => scene.second.offers.length > 0);
      expect(scene.second.offers).toEqual([makeOffer(task)]);
      await scene.second.start(task.id);
    }, 15_000);
  });

  describe('disposal', () => {
    it('of a hub refuses everything with the reason, and ends what waits', async () => {
      await using scene = await startScenario(startBus);
      const hub = await scene.startHub();
      const task = await scene.create();
      const { cursor } = await hub.readBoard(1);
      const refusal = { name: 'BusError', code: 'disconnected' };
      const waiting = [hub.nextEvents(cursor, 1), hub.nextReports(1)].map((wait) =>
        expect(wait).rejects.toMatchObject(refusal),
      );
      await hub[Symbol.asyncDispose]();
      await Promise.all(waiting);
      expect(hub.connection().state).toBe('disconnected');
      for (const call of [
        () => hub.read(task.id),
        () => hub.cancel(task.id),
        () => hub.list({ limit: 1 }),
        () => hub.nextEvents(cursor, 1),
        () => hub.nextReports(1),
        () => hub.readRunner(HOST),
      ]) {
        await expect(call()).rejects.toMatchObject(refusal);
      }
      await hub[Symbol.asyncDispose]();
      expect(await scene.hub.read(task.id)).toMatchObject({ status: 'queued' });
    });

    it('of a runner sends and receives nothing any more', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      await runner.runner[Symbol.asyncDispose]();
      const { id } = await scene.create();
      expect(await runner.runner.report(runner.claimReport(id))).toBe('unsent');
      expect(await runner.runner.appendLog(id, [])).toBe('unsent');
      await runner.runner.leave();
      await runner.runner[Symbol.asyncDispose]();
      const second = await scene.startRunner(SECOND_START);
      await until('the offer', () => second.offers.length > 0);
      expect(runner.offers).toEqual([]);
      expect(runner.runner.connection().state).toBe('disconnected');
    });
  });
}
