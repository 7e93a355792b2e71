import type { Rollout, RolloutHost } from '@booner/protocol';
import { MAX_ENDED_ROLLOUTS, MAX_OPEN_ROLLOUTS } from '@booner/protocol/limits';
import { shardOfText } from '@booner/protocol/shard';
import { eventually } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { newTaskIdOf } from '../../host-tasks.ts';
import type { LeaseBus } from '../../lease-ports.ts';
import type { RolloutBus } from '../../rollout-ports.ts';
import type { TaskBus } from '../../task-ports.ts';
import { describeConnection, untilConnected } from './connection-contract.ts';
import { makeRollout, makeRolloutHost, newRolloutId } from './rollout-factory.ts';
import { makeTask } from './task-factory.ts';

/** A bus of one implementation, empty at first. */
export type RolloutBusUnderTest = AsyncDisposable & {
  startRollouts(): Promise<RolloutBus>;
  startLeases(hub: string): Promise<LeaseBus>;
  startTasks(): Promise<TaskBus>;
};

/** Returns the next version, in which some hosts differ. */
const next = (
  { hosts: _, ...head }: Rollout,
  changes: Partial<Rollout> = {},
  hosts: readonly RolloutHost[] = [],
) => ({
  head: { ...head, version: head.version + 1, ...changes },
  hosts,
  isSettled: false,
});

/** Describes the behaviour of every implementation of `RolloutBus`. */
export function describeRolloutContract(startBus: () => Promise<RolloutBusUnderTest>): void {
  const start = async () => {
    await using resources = new AsyncDisposableStack();
    const bus = resources.use(await startBus());
    const [rollouts, leases, tasks] = await Promise.all([
      bus.startRollouts(),
      bus.startLeases('hub-1'),
      bus.startTasks(),
    ]);
    for (const side of [rollouts, leases, tasks]) resources.use(side);
    await untilConnected(rollouts, leases, tasks);
    const leaseOf = (rollout: Rollout) =>
      eventually(() => leases.leaseOf(shardOfText(rollout.id)), { what: 'a lease' });
    const owned = resources.move();
    return { rollouts, tasks, leaseOf, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  };

  describe('the connection', () =>
    describeConnection(async () => {
      const bus = await startBus();
      return { bus, side: await bus.startRollouts() };
    }));

  it('is stored once, and read as it was', async () => {
    await using scene = await start();
    const { rollouts } = scene;
    const rollout = makeRollout({ hosts: 12 });
    expect(await rollouts.create(rollout)).toBe('created');
    expect(await rollouts.create({ ...rollout, reason: 'another one' })).toBe('existing');
    expect(await rollouts.read(rollout.id)).toEqual(rollout);
    expect(await rollouts.readVersion(rollout.id)).toBe(1);
    expect(rollout).toMatchObject((await rollouts.readHead(rollout.id)) as object);
    const unknown = newRolloutId();
    expect(await rollouts.read(unknown)).toBeNull();
    expect(await rollouts.readHead(unknown)).toBeNull();
    expect(await rollouts.readVersion(unknown)).toBeNull();
  });

  it('changes from version to version, with the hosts that differ', async () => {
    await using scene = await start();
    const { rollouts } = scene;
    const rollout = makeRollout();
    await rollouts.create(rollout);
    const host = makeRolloutHost(1, { status: 'queued', taskId: newTaskIdOf(rollout.hosts[1]!.host) });
    const change = next(rollout, { status: 'running', counts: { waiting: 1, queued: 1 } }, [host]);
    expect(await rollouts.save(await scene.leaseOf(rollout), change)).toBe('saved');
    expect(await rollouts.save(null, change)).toBe('conflict');
    expect(await rollouts.save(null, next(makeRollout()))).toBe('conflict');
    expect(await rollouts.read(rollout.id)).toEqual({
      ...rollout,
      ...{ version: 2, status: 'running', counts: { waiting: 1, queued: 1 } },
      hosts: [rollout.hosts[0], host],
    });
    const { nowMs, versions } = await rollouts.readOpen();
    expect(versions).toEqual(new Map([[rollout.id, 2]]));
    expect(Math.abs(nowMs - Date.now())).toBeLessThan(60_000);
  });

  it('is not changed by a hub that does not hold its shard', async () => {
    await using scene = await start();
    const { rollouts } = scene;
    const rollout = makeRollout();
    await rollouts.create(rollout);
    const lease = await scene.leaseOf(rollout);
    const other = makeRollout({ id: newIdOfAnotherShard(rollout) });
    for (const stale of [
      { ...lease, epoch: lease.epoch - 1 },
      { ...lease, hub: 'hub-2' },
      await scene.leaseOf(other),
    ])
      expect(await rollouts.save(stale, next(rollout))).toBe('not_held');
    expect(await rollouts.readVersion(rollout.id)).toBe(1);
  });

  it('is open until it is settled, and again once it is retried', async () => {
    await using scene = await start();
    const { rollouts } = scene;
    const rollout = makeRollout();
    await rollouts.create(rollout);
    const ended = next(rollout, { status: 'failed' });
    await rollouts.save(null, { ...ended, isSettled: true });
    expect((await rollouts.readOpen()).versions.size).toBe(0);
    await rollouts.save(null, next({ ...rollout, version: 2 }, { status: 'running' }));
    expect((await rollouts.readOpen()).versions).toEqual(new Map([[rollout.id, 3]]));
  });

  it('creates a task only while it runs, and waits for that task', async () => {
    await using scene = await start();
    const { rollouts, tasks } = scene;
    const rollout = makeRollout();
    const { host } = rollout.hosts[0]!;
    const [id, otherId, checkId] = [newTaskIdOf(host), newTaskIdOf(host), newTaskIdOf(host)];
    const create = async (task = id, of: Rollout['id'] | null = rollout.id) =>
      (await tasks.create(makeTask({ id: task, host, rollout: of }))).type;
    expect(await create()).toBe('not_wanted');
    await rollouts.create(rollout);
    expect(await create()).toBe('not_wanted');
    const queued = makeRolloutHost(0, { status: 'queued', taskId: id });
    await rollouts.save(null, next(rollout, { status: 'running' }, [queued]));
    expect(await create(otherId)).toBe('not_wanted');
    expect(await create()).toBe('created');
    expect(await create()).toBe('existing');
    expect((await tasks.read(id))?.rollout).toBe(rollout.id);

    const checking = makeRolloutHost(0, { status: 'checking', taskId: id, checkId });
    await rollouts.save(null, next({ ...rollout, version: 2 }, { status: 'running' }, [checking]));
    expect(await create(checkId)).toBe('created');
    await rollouts.save(null, next({ ...rollout, version: 3 }, { status: 'cancelled' }, [queued]));
    await rollouts.save(
      null,
      next({ ...rollout, version: 4 }, { status: 'cancelled' }, [
        makeRolloutHost(0, { status: 'queued', taskId: otherId }),
      ]),
    );
    expect(await create(otherId)).toBe('not_wanted');
    expect(await create(otherId, null)).toBe('created');
    expect((await tasks.read(otherId))?.rollout).toBeNull();
  });

  it('is listed, newest first, page by page', async () => {
    await using scene = await start();
    const { rollouts } = scene;
    const made = [makeRollout(), makeRollout(), makeRollout()];
    for (const each of made) await rollouts.create(each);
    const first = await rollouts.list({ limit: 2 });
    expect(first.rollouts.map(({ id }) => id)).toEqual([made[2]!.id, made[1]!.id]);
    expect(first.rollouts[0]).not.toHaveProperty('hosts');
    const second = await rollouts.list({ limit: 2, after: first.next as string });
    expect(second).toMatchObject({ rollouts: [{ id: made[0]!.id }], next: null });
  });

  it('is bounded in number, open ones and ended ones', async () => {
    await using scene = await start();
    const { rollouts } = scene;
    const first = makeRollout({ hosts: 1 });
    for (let count = 0; count <= MAX_ENDED_ROLLOUTS; count += 1) {
      const rollout = count === 0 ? first : makeRollout({ hosts: 1 });
      await rollouts.create(rollout);
      await rollouts.save(null, { ...next(rollout, { status: 'completed' }), isSettled: true });
    }
    expect(await rollouts.readVersion(first.id)).toBe(2);
    const open = Array.from({ length: MAX_OPEN_ROLLOUTS }, () => makeRollout({ hosts: 1 }));
    for (const rollout of open) expect(await rollouts.create(rollout)).toBe('created');
    expect(await rollouts.create(makeRollout())).toBe('full');
    expect(await rollouts.read(first.id)).toBeNull();
    expect((await rollouts.list({ limit: 500 })).rollouts).toHaveLength(500);
  });
}

function newIdOfAnotherShard(rollout: Rollout): Rollout['id'] {
  let id = newRolloutId();
  while (shardOfText(id) === shardOfText(rollout.id)) id = newRolloutId();
  return id;
}
