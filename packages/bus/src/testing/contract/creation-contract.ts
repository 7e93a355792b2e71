import { newTaskId, taskSchema } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { OTHER_HOST } from './sample-factory.ts';
import type { StartTaskBus } from './task-bus-under-test.ts';
import { makeExternalTask, makeOffer, makeTask } from './task-factory.ts';
import { startScenario, until } from './task-scenario.ts';

/**
 * Values that encodings are known to break: `[]` becomes `{}`, '' becomes absent, numbers become
 * text.
 */
const TRICKY = {
  list: [],
  object: {},
  text: '',
  zero: 0,
  ratio: 0.1,
  large: 2 ** 53 - 1,
  no: false,
  nothing: null,
  nested: [[], {}, [[null]]],
  'Größe ☃ 😀': 'a\nb\u0000c"\\',
};

export function describeCreation(startBus: StartTaskBus): void {
  describe('creating a task', () => {
    it('makes a queued task of version 1 that nothing has happened to', async () => {
      await using scene = await startScenario(startBus);
      const task = makeTask();
      const beforeMs = Date.now();
      const outcome = await scene.hub.create(task);
      const expected = {
        id: task.id,
        version: 1,
        status: 'queued',
        host: task.host,
        action: task.action,
        params: task.params,
        external: false,
        check: false,
        rollout: null,
        attempt: 0,
        maxAttempts: null,
        traceparent: null,
        createdAtMs: expect.any(Number),
        createdBy: task.createdBy,
        startedAtMs: null,
        endedAtMs: null,
        cancelRequestedAtMs: null,
        progressPercent: null,
        message: null,
        result: null,
        error: null,
        logLines: 0,
        steps: null,
        artefacts: null,
      };
      expect(outcome).toEqual({ type: 'created', task: expected });
      const stored = await scene.hub.read(task.id);
      expect(stored).toEqual(outcome.type === 'created' && outcome.task);
      expect(taskSchema.parse(stored)).toEqual(stored);
      expect(Math.abs((stored?.createdAtMs ?? 0) - beforeMs)).toBeLessThan(5000);
    });

    it('passes its trace context on to the runner', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      const task = await scene.create({ traceparent });
      await until('the offer', () => runner.offers.length === 1);
      expect(runner.offers).toEqual([makeOffer(task)]);
      expect(runner.offers[0]).toMatchObject({ traceparent });
      expect(await scene.hub.read(task.id)).toMatchObject({ traceparent });
    });

    it('announces it by one event that holds the whole task', async () => {
      await using scene = await startScenario(startBus);
      const { id } = await scene.create();
      const events = await scene.events();
      expect(events).toEqual([
        { type: 'event', cursor: expect.any(String), kind: 'created', task: await scene.hub.read(id) },
      ]);
    });

    it('keeps the parameters to the last empty list, in the task, its event and its offer', async () => {
      await using scene = await startScenario(startBus);
      const task = await scene.create({
        params: TRICKY,
        offer: { params: TRICKY, sealedParams: 'a.b.c.d.e', sealedSecrets: { token: 'f.g.h.i.j' } },
      });
      expect((await scene.hub.read(task.id))?.params).toEqual(TRICKY);
      expect((await scene.events())[0]?.task.params).toEqual(TRICKY);
      const runner = await scene.startRunner();
      await until('the offer', () => runner.offers.length > 0);
      expect(runner.offers[0]).toEqual({
        task: task.id,
        action: task.action,
        params: TRICKY,
        sealedParams: 'a.b.c.d.e',
        sealedSecrets: { token: 'f.g.h.i.j' },
      });
    });

    it('offers a runner what the offer holds, not what is shown', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const params = { name: 'db', password: '[redacted]' };
      const task = await scene.create({ params, offer: { params: { name: 'db' }, sealedParams: 'sealed' } });
      await until('the offer', () => runner.offers.length > 0);
      expect(runner.offers).toEqual([makeOffer(task)]);
      expect((await scene.hub.read(task.id))?.params).toEqual(params);
    });

    it('says of a dry run that it is one, in the task, its event and its offer', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const task = await scene.create({ check: true });
      await until('the offer', () => runner.offers.length > 0);
      expect(runner.offers).toEqual([makeOffer(task)]);
      expect(runner.offers[0]).toMatchObject({ action: task.action, check: true });
      expect(await scene.hub.read(task.id)).toMatchObject({ action: task.action, check: true });
      expect((await scene.events())[0]?.task).toMatchObject({ action: task.action, check: true });
    });

    it('shares no object with its readers', async () => {
      await using scene = await startScenario(startBus);
      const params = { list: [1] };
      const pushTo = (shown: unknown) => void (shown as { params: typeof params }).params.list.push(2);
      const outcome = await scene.hub.create(makeTask({ params, offer: { params, sealedParams: null } }));
      if (outcome.type !== 'created') throw new Error(outcome.type);
      const { id } = outcome.task;
      pushTo({ params });
      pushTo(outcome.task);
      pushTo(await scene.hub.read(id));
      pushTo((await scene.events())[0]?.task);
      expect((await scene.hub.read(id))?.params).toEqual({ list: [1] });
      expect((await scene.events())[0]?.task.params).toEqual({ list: [1] });
    });

    it('finds no task for an unknown id', async () => {
      await using scene = await startScenario(startBus);
      expect(await scene.hub.read(newTaskId())).toBeNull();
    });
  });

  describe('the bound on queued tasks', () => {
    it('refuses one more for that host, and leaves no trace of it', async () => {
      await using scene = await startScenario(startBus);
      await scene.create({ maxQueued: 2 });
      await scene.create({ maxQueued: 2 });
      const refused = makeTask({ maxQueued: 2 });
      expect(await scene.hub.create(refused)).toEqual({ type: 'queue_full', queued: 2 });
      expect(await scene.hub.read(refused.id)).toBeNull();
      expect(await scene.events()).toHaveLength(2);
      expect((await scene.hub.readBoard(10)).tasks).toHaveLength(2);
      const runner = await scene.startRunner();
      await until('the offers', () => runner.offers.length === 2);
      await scene.create({ maxQueued: 2, host: OTHER_HOST });
    });

    it('holds when hubs create at once', async () => {
      await using scene = await startScenario(startBus);
      const hubs = [scene.hub, await scene.startHub()];
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) => hubs[index % 2]?.create(makeTask({ maxQueued: 5 }))),
      );
      expect(outcomes.filter((outcome) => outcome?.type === 'created')).toHaveLength(5);
      expect(outcomes.filter((outcome) => outcome?.type === 'queue_full')).toHaveLength(15);
    });

    it('has room again for each task that started or was cancelled', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const [first, second] = [await scene.create(), await scene.create()];
      await runner.start(first.id);
      await scene.create({ maxQueued: 2 });
      await scene.hub.cancel(second.id);
      await scene.create({ maxQueued: 2 });
      expect(await scene.hub.create(makeTask({ maxQueued: 2 }))).toEqual({ type: 'queue_full', queued: 2 });
    });

    it('does not count external tasks, nor stop them', async () => {
      await using scene = await startScenario(startBus);
      await scene.create({ offer: null });
      await scene.create({ maxQueued: 1 });
      expect(await scene.hub.create(makeExternalTask({ maxQueued: 1 }))).toMatchObject({ type: 'created' });
      expect(await scene.hub.create(makeTask({ maxQueued: 1 }))).toEqual({ type: 'queue_full', queued: 1 });
    });
  });

  describe('an idempotency key', () => {
    const idempotency = { key: 'key-1', bodyHash: 'hash-1' };

    it('makes one task of 50 creations at once on two hubs', async () => {
      await using scene = await startScenario(startBus);
      const hubs = [scene.hub, await scene.startHub()];
      const tasks = Array.from({ length: 50 }, () => makeTask({ idempotency }));
      const outcomes = await Promise.all(tasks.map((task, index) => hubs[index % 2]?.create(task)));
      const created = outcomes.filter((outcome) => outcome?.type === 'created');
      expect(created).toHaveLength(1);
      const id = created[0]?.type === 'created' ? created[0].task.id : null;
      expect(outcomes.filter((outcome) => outcome?.type !== 'created')).toEqual(
        Array.from({ length: 49 }, () => ({ type: 'existing', id })),
      );
      expect(await scene.events()).toHaveLength(1);
      expect((await scene.hub.list({ limit: 500 })).tasks.map((task) => task.id)).toEqual([id]);
    });

    it('refuses another body, and names the task of the first', async () => {
      await using scene = await startScenario(startBus);
      const { id } = await scene.create({ idempotency });
      const other = makeTask({ idempotency: { ...idempotency, bodyHash: 'hash-2' } });
      expect(await scene.hub.create(other)).toEqual({ type: 'key_reused', id });
      expect(await scene.hub.create(makeTask({ idempotency }))).toEqual({ type: 'existing', id });
      expect(await scene.hub.read(other.id)).toBeNull();
    });

    it('of another name makes another task', async () => {
      await using scene = await startScenario(startBus);
      await scene.create({ idempotency });
      await scene.create({ idempotency: { ...idempotency, key: 'key-2' } });
      expect(await scene.events()).toHaveLength(2);
    });

    it('is not used up by a creation that was refused', async () => {
      await using scene = await startScenario(startBus);
      const waiting = await scene.create();
      const task = makeTask({ idempotency, maxQueued: 1 });
      expect(await scene.hub.create(task)).toMatchObject({ type: 'queue_full' });
      await scene.hub.cancel(waiting.id);
      expect(await scene.hub.create(task)).toMatchObject({ type: 'created' });
    });

    it('finds its task also when the queue is full, and after the task has ended', async () => {
      await using scene = await startScenario(startBus);
      const { id } = await scene.create({ idempotency, maxQueued: 1 });
      expect(await scene.hub.create(makeTask({ idempotency, maxQueued: 1 }))).toEqual({
        type: 'existing',
        id,
      });
      await scene.hub.cancel(id);
      expect(await scene.hub.create(makeTask({ idempotency, maxQueued: 1 }))).toEqual({
        type: 'existing',
        id,
      });
    });

    it('finds its task without a request, on every hub, and no other', async () => {
      await using scene = await startScenario(startBus);
      const other = await scene.startHub();
      expect(await scene.hub.findByKey('key-1')).toBeNull();
      const { id } = await scene.create({ idempotency });
      await scene.create({ idempotency: { ...idempotency, key: 'key-2' } });
      expect(await scene.hub.findByKey('key-1')).toBe(id);
      expect(await other.findByKey('key-1')).toBe(id);
      expect(await other.findByKey('key')).toBeNull();
    });

    it('works for external tasks too', async () => {
      await using scene = await startScenario(startBus);
      const { id } = await scene.create({ offer: null, idempotency });
      expect(await scene.hub.create(makeExternalTask({ idempotency }))).toEqual({ type: 'existing', id });
    });
  });
}
