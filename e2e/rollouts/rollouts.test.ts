import type { HostId } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { send } from '../tasks/task-bed.ts';
import { COMPLETED, DEPLOY, failed, startRolloutBed, startsByHost } from './rollout-bed.ts';

const isOver = ({ status, endedAtMs }: { status: string; endedAtMs: number | null }) =>
  status !== 'running' && endedAtMs !== null;

describe('a rollout', () => {
  it('stops when a host fails, is retried, ends well, and is rolled back', async () => {
    const broken = new Set<HostId>();
    await using bed = await startRolloutBed({
      hosts: 3,
      hubs: 2,
      run: ({ host }) => (broken.has(host) ? failed('exit code 1: cannot bind port 80') : COMPLETED),
    });
    const [first, second, third] = bed.names as [HostId, HostId, HostId];
    broken.add(second);
    const plan = await send(bed.hub, 'POST', '/rollouts/plan', {
      body: {
        action: 'web.deploy',
        params: { version: 'v2' },
        selector: 'role=web',
        order: 'host',
        batches: [1],
      },
    });
    expect(plan.body).toMatchObject({ batches: [1, 1, 1], maxFailures: 0, taskSeconds: null });
    expect((plan.body.hosts as { state: string }[]).map(({ state }) => state)).toEqual([
      'ready',
      'ready',
      'ready',
    ]);
    expect(bed.started).toEqual([]);

    const id = await bed.create({ batches: [1] });
    const stopped = await bed.until(id, 'the stop', isOver, bed.hubs[1]);
    expect(stopped).toMatchObject({ status: 'failed', reason: '1 of 3 hosts failed: none may', batch: 1 });
    expect(stopped.hosts.map(({ status, error }) => [status, error])).toEqual([
      ['completed', null],
      ['failed', 'exit code 1: cannot bind port 80'],
      ['waiting', null],
    ]);
    expect(bed.started.map(({ host }) => host)).toEqual([first, second]);
    const task = await send(bed.hub, 'GET', `/tasks/${stopped.hosts[1]?.taskId}?version=2`);
    expect(task.body).toMatchObject({ rollout: id, status: 'failed', params: { version: 'v2' } });

    broken.clear();
    expect((await bed.direct(id, 'retry-failed', undefined, bed.hubs[1])).status).toBe(200);
    const green = await bed.until(id, 'the end', isOver);
    expect(green).toMatchObject({ status: 'completed', counts: { completed: 3 } });
    expect(bed.started.map(({ host }) => host)).toEqual([first, second, second, third]);

    const back = await bed.direct(id, 'rollback', { action: 'web.deploy', params: { version: 'v1' } });
    const rolledBack = await bed.until(String(back.body.rollout_id), 'the rollback', isOver);
    expect(rolledBack).toMatchObject({ status: 'completed', rollbackOf: id, counts: { completed: 3 } });
    expect(bed.started.slice(4).map(({ offer }) => offer.params)).toEqual(Array(3).fill({ version: 'v1' }));
    const list = await send(bed.hubs[1]!, 'GET', '/rollouts');
    expect(list.body.rollouts).toMatchObject([{ id: rolledBack.id }, { id }]);
  });

  it('starts nothing more once too many have failed, cancels what is queued, and lets the rest end', async () => {
    const held: (() => void)[] = [];
    await using bed = await startRolloutBed({
      hosts: 12,
      run: async ({ host }) => {
        const index = bed.names.indexOf(host);
        if (index < 2) return failed('exit code 1');
        await new Promise<void>((resolve) => held.push(resolve));
        return COMPLETED;
      },
    });
    const id = await bed.create({ batches: [8], maxFailures: 1 });
    await bed.until(id, 'the failures', ({ status }) => status === 'failed');
    const { length } = bed.started;
    expect(length).toBeLessThanOrEqual(8);
    for (const release of held) release();
    const ended = await bed.until(id, 'the end', isOver);
    expect(bed.started).toHaveLength(length);
    expect(ended.counts).toMatchObject({ failed: 2, waiting: 4 });
    expect((ended.counts.completed ?? 0) + (ended.counts.cancelled ?? 0)).toBe(6);
  });

  it('keeps its hosts frozen: one that is removed fails, an action that changes stops it', async () => {
    await using bed = await startRolloutBed({ hosts: 4 });
    const [first, second, , fourth] = bed.names as [HostId, HostId, HostId, HostId];
    const id = await bed.create({
      batches: [1],
      maxFailures: 4,
      between: { waitSeconds: 3, healthy: false },
    });
    await bed.until(id, 'the first host', ({ hosts }) => hosts[0]?.status === 'completed');
    await bed.hosts.get(second)?.[Symbol.asyncDispose]();
    expect((await bed.hub.get(`/targets/${second}`, { method: 'DELETE' })).status).toBeLessThan(300);
    const labels = { method: 'PATCH', headers: { 'content-type': 'application/json' } };
    await bed.hub.get(`/targets/${first}`, { ...labels, body: '{"labels":{"role":"db"}}' });
    const changed = { ...DEPLOY, timeoutSeconds: 61 };
    bed.hosts.get(fourth)?.offer([changed]);
    const ended = await bed.until(id, 'the end', isOver);
    expect(ended.hosts.map(({ host }) => host)).toEqual(bed.names);
    expect(ended.hosts.map(({ status, error }) => [status, error])).toEqual([
      ['completed', null],
      ['failed', 'the target was removed'],
      ['completed', null],
      ['waiting', null],
    ]);
    expect(ended).toMatchObject({ status: 'failed', reason: expect.stringContaining('has changed since') });
    expect(startsByHost(bed.started).has(fourth)).toBe(false);
  });

  it('selects nothing by an empty selector, and refuses what no host can do', async () => {
    await using bed = await startRolloutBed({ hosts: 2 });
    const post = async (body: object) => {
      const request = { action: 'web.deploy', params: { version: 'v2' }, selector: '*', ...body };
      const answer = await send(bed.hub, 'POST', '/rollouts', { body: request });
      return [answer.status, (answer.body.errors as { pointer: string }[])?.map(({ pointer }) => pointer)];
    };
    expect(await post({ selector: '' })).toEqual([422, ['/selector']]);
    expect(await post({ selector: 'role=none' })).toEqual([422, ['/selector']]);
    expect(await post({ selector: 'os=linux' })).toEqual([400, ['/selector']]);
    expect(await post({ action: 'web.nothing' })).toEqual([422, ['/action']]);
    expect(await post({ params: {} })).toEqual([422, ['/params']]);
    expect(await post({ batches: [] })).toEqual([400, ['/batches']]);
    expect(await post({ batches: ['101%'] })).toEqual([400, ['/batches/0']]);
    expect(await post({ approval: 'before' })).toEqual([409, undefined]);
    expect(await post({ extra: 1 })).toEqual([400, ['/extra']]);
    expect(bed.started).toEqual([]);

    const headers = { 'idempotency-key': 'deploy-7' };
    const once = { action: 'web.deploy', params: { version: 'v2' }, selector: '*' };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => send(bed.hub, 'POST', '/rollouts', { body: once, headers })),
    );
    expect(new Set(answers.map(({ body }) => body.rollout_id)).size).toBe(1);
    const other = await send(bed.hub, 'POST', '/rollouts', { body: { ...once, batches: [2] }, headers });
    expect(other.status).toBe(409);
    await bed.until(String(answers[0]?.body.rollout_id), 'the end', isOver);
    expect([...startsByHost(bed.started).values()]).toEqual([1, 1]);
  });

  it('is paused, resumed and cancelled on any hub', async () => {
    const held: (() => void)[] = [];
    await using bed = await startRolloutBed({
      hosts: 6,
      hubs: 2,
      run: async () => {
        await new Promise<void>((resolve) => held.push(resolve));
        return COMPLETED;
      },
    });
    const other = bed.hubs[1]!;
    const id = await bed.create({ batches: [2] });
    await bed.until(id, 'the first batch', ({ counts }) => counts.running === 2);
    await bed.direct(id, 'pause', undefined, other);
    for (const release of held.splice(0)) release();
    const paused = await bed.until(id, 'the pause', ({ counts }) => counts.completed === 2);
    expect(paused).toMatchObject({ status: 'paused', counts: { completed: 2, waiting: 4 } });
    await bed.direct(id, 'resume');
    await bed.until(id, 'the second batch', ({ counts }) => counts.running === 2, other);
    await bed.direct(id, 'cancel', { running: 'finish' }, other);
    for (const release of held.splice(0)) release();
    const cancelled = await bed.until(id, 'the end', isOver);
    expect(cancelled).toMatchObject({ status: 'cancelled', counts: { completed: 4, waiting: 2 } });
    expect((await bed.direct(id, 'resume')).status).toBe(409);
  });
});
