import { createMemoryBus } from '@booner/bus/memory';
import { type Rollout, rolloutRequestSchema, type StoredSchedule, scheduleSchema } from '@booner/protocol';
import { newTaskId } from '@booner/protocol/task-id';
import { expect, it } from 'vitest';
import { FleetWork } from './fleet-work.ts';

const makeRollout = (createdAtMs: number): Rollout => ({
  id: newTaskId() as string as Rollout['id'],
  ...{ version: 1, status: 'pending', createdAtMs, startedAtMs: null, endedAtMs: null },
  request: rolloutRequestSchema.parse({ action: 'web.deploy', selector: '*' }),
  ...{ createdBy: null, credentialId: null, approver: null, schedule: null, hook: null, rollbackOf: null },
  ...{ batches: 0, batch: 0, gate: null, reason: null, pausedFrom: null, cancelsRunning: false },
  ...{ counts: {}, hosts: [], traceparent: null },
});
const makeSchedule = (name: string): StoredSchedule => ({
  name,
  schedule: scheduleSchema.parse({ every: '1h', action: 'backup', selector: '*' }),
  ...{ createdBy: null, credentialId: null, changedAtMs: 0, nextAtMs: null, paused: null },
  ...{ queuedAtMs: null, firings: [] },
});

it('finds each change of a rollout, those that ended between two looks, and schedules', async () => {
  const bus = createMemoryBus();
  await using rollouts = bus.startRollouts();
  await using schedules = bus.startSchedules();
  const work = new FleetWork({ rollouts, schedules });
  const statuses = async () => {
    const facts = await work.read();
    return facts.rollouts.map(({ status, createdAtMs }) => `${createdAtMs} ${status}`);
  };
  const save = async ({ hosts: _, ...head }: Rollout, status: Rollout['status'], isSettled: boolean) => {
    const endedAtMs = isSettled ? 99 : null;
    const next = { ...head, version: head.version + 1, status, endedAtMs };
    expect(await rollouts.save(null, { head: next, hosts: [], isSettled })).toBe('saved');
    return { ...next, hosts: [] };
  };
  expect(await statuses()).toEqual([]);
  // Twelve, so that the first ones are not among the newest.
  const made = Array.from({ length: 12 }, (_, index) => makeRollout(index + 1));
  for (const rollout of made) await rollouts.create(rollout);
  expect(await statuses()).toHaveLength(12);
  const running = await save(made[0]!, 'running', false);
  expect((await statuses()).at(-1)).toBe('1 running');
  const failed = await save(running, 'failed', true);
  expect((await statuses()).at(-1)).toBe('1 failed');
  await save(failed, 'running', false);
  expect((await statuses()).at(-1)).toBe('1 running');

  const quick = makeRollout(13);
  await rollouts.create(quick);
  await save(quick, 'failed', true);
  expect((await statuses())[0]).toBe('13 failed');

  await schedules.change(null, 'nightly', null, makeSchedule('nightly'));
  expect((await work.read()).schedules.map(({ name }) => name)).toEqual(['nightly']);
  work.reset();
  const again = await work.read();
  expect([again.rollouts.length, again.schedules.length]).toEqual([13, 1]);
});
